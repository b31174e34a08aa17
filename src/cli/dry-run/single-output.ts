import { stringify } from 'yaml';
import type { DecisionJson } from '../../authenticator/decision-json.ts';
import { toPrintableLines } from '../../server/printable.ts';
import { toRefused, toReviewStatus } from '../../server/review-status.ts';
import { type TokenReviewStatus, toTokenReviewJson } from '../../server/token-review.ts';
import type { Palette } from '../terminal.ts';
import { describeDecision, describeRefusedToken } from './decision-tree.ts';
import type { SingleTrial } from './input.ts';
import { judgedUser } from './judged-user.ts';
import { withParts } from './step-parts.ts';
import { DECISION_ID, toVerdictJson, type Verdict } from './trial.ts';

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
      return `${toPrintableLines(JSON.stringify(toExplainedJson(trial, verdict), null, 2))}\n`;
    case 'yaml':
      return toPrintableLines(
        stringify(toExplainedJson(trial, verdict), {
          defaultStringType: 'QUOTE_DOUBLE',
          defaultKeyType: 'PLAIN',
          lineWidth: 0,
          // A line end in a name is written as \n.
          doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
        }),
      );
    case 'tokenreview': {
      const review = toTokenReviewJson('authentication.k8s.io/v1', toStatus(verdict));
      return `${toPrintableLines(JSON.stringify(review, null, 2))}\n`;
    }
  }
}

/** With the values that the text has: those of the parts of every expression that was evaluated. */
function toExplainedJson({ authenticator }: SingleTrial, verdict: Verdict): DecisionJson {
  const json = toVerdictJson(verdict);
  if (verdict.kind === 'refused') return json;
  const { evidence, decision } = verdict;
  const { chain, remoteAddress } = evidence;
  const [leaf] = chain;
  const inputs = { remoteAddress, leaf, user: judgedUser(authenticator, evidence, decision) };
  return { ...json, steps: json.steps.map((step) => withParts(step, inputs)) };
}

/** What the server would answer to a review that names no audience. */
function toStatus(verdict: Verdict): TokenReviewStatus {
  if (verdict.kind === 'decided') return toReviewStatus(verdict.decision, { decisionId: DECISION_ID });
  const { code, message: why } = verdict;
  return code === 'token/foreign'
    ? { authenticated: false }
    : toRefused({ code, why, decisionId: DECISION_ID });
}
