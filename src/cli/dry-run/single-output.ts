import { stringify } from 'yaml';
import { describe } from '../../authenticator/reason.ts';
import { formatTokenReview, type TokenReviewStatus } from '../../server/token-review.ts';
import { type Palette, toPrintableLines } from '../terminal.ts';
import { describeDecision, describeRefusedToken } from './decision-tree.ts';
import type { SingleTrial } from './input.ts';
import { toVerdictJson, type Verdict } from './trial.ts';

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
  if (verdict.kind === 'refused') {
    return verdict.code === 'token/foreign'
      ? { authenticated: false }
      : refuse(verdict.code, verdict.message);
  }
  const { decision } = verdict;
  if (decision.outcome === 'authenticated') return { authenticated: true, user: decision.user };
  return refuse(decision.reason.code, describe(decision.reason));
}

function refuse(code: string, why: string): TokenReviewStatus {
  return { authenticated: false, error: `${code}: ${why} (decision dry-run)` };
}
