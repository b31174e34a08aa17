import { stringify } from 'yaml';
import { formatTokenReview, type TokenReviewStatus } from '../../server/token-review.ts';
import { type Palette, toPrintableLines } from '../terminal.ts';
import { describeDecision, describeRefusedToken } from './decision-tree.ts';
import type { SingleTrial } from './input.ts';
import { reasonOf, toVerdictJson, type Verdict } from './trial.ts';

/** How a verdict is printed. */
export const FORMATS = ['text', 'json', 'yaml', 'tokenreview'] as const;

export type Format = (typeof FORMATS)[number];

/** A verdict in one of the formats. */
export function formatVerdict(
  format: Format,
  { trial, verdict, palette }: { trial: SingleTrial; verdict: Verdict; palette: Palette },
): string {
  switch (format) {
    case 'text':
      return verdict.kind === 'refused'
        ? describeRefusedToken(verdict, trial.source, palette)
        : describeDecision({ ...trial, ...verdict }, palette);
    case 'json':
      return `${toPrintableLines(JSON.stringify(toVerdictJson(verdict), null, 2))}\n`;
    case 'yaml':
      return toPrintableLines(
        stringify(toVerdictJson(verdict), {
          defaultStringType: 'QUOTE_DOUBLE',
          defaultKeyType: 'PLAIN',
          lineWidth: 0,
          // A line end in a name is written as \n.
          doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
        }),
      );
    case 'tokenreview': {
      const review = JSON.parse(formatTokenReview('authentication.k8s.io/v1', toReviewStatus(verdict)));
      return `${toPrintableLines(JSON.stringify(review, null, 2))}\n`;
    }
  }
}

/** What the server would answer to a review that names no audience. */
function toReviewStatus(verdict: Verdict): TokenReviewStatus {
  if (verdict.kind === 'decided' && verdict.decision.outcome === 'authenticated') {
    return { authenticated: true, user: verdict.decision.user };
  }
  const reason = reasonOf(verdict);
  if (reason === undefined || reason.code === 'token/foreign') return { authenticated: false };
  return { authenticated: false, error: `${reason.code}: ${reason.message} (decision dry-run)` };
}
