import type { Authenticator } from '../../authenticator/authenticator.ts';
import { type CertificateFile, readCertificateFile } from '../certificate-files.ts';
import { type Change, compareVerdicts } from './comparison.ts';
import { type Circumstances, presentChain } from './input.ts';
import { judge, type Presented, type Verdict } from './trial.ts';

/** What became of one file. */
export type Row =
  | {
      readonly kind: 'judged';
      readonly source: string;
      readonly verdict: Verdict;
      readonly comparison?: Comparison;
    }
  | { readonly kind: 'unreadable'; readonly source: string; readonly error: string };

/** What the policy that is compared with said, and what the other one changes. */
export interface Comparison {
  readonly before: Verdict;
  readonly change: Change;
}

/** The policies that files are judged by, and when and from where. */
export interface Batch extends Circumstances {
  readonly authenticator: Authenticator;
  readonly old?: Authenticator;
}

/** Judges one thing by the policy, and by the one that it is compared with. */
export function judgeRow(source: string, presented: Presented, { authenticator, old }: Batch): Row {
  const verdict = judge(authenticator, presented);
  if (old === undefined) return { kind: 'judged', source, verdict };
  const before = judge(old, presented);
  return {
    kind: 'judged',
    source,
    verdict,
    comparison: { before, change: compareVerdicts(before, verdict) },
  };
}

/** Judges a file; undefined for one that was found by a search and holds no certificate at all. */
export function judgeFile(file: CertificateFile, batch: Batch): Row | undefined {
  const { path: source, by } = file;
  const result = readCertificateFile(file);
  if (result.ok) return judgeRow(source, presentChain(result.chain, batch), batch);
  return result.none === true && by === 'search'
    ? undefined
    : { kind: 'unreadable', source, error: result.error };
}
