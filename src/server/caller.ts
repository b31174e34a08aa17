import type { IncomingMessage } from 'node:http';

/** Why a caller of `/authenticate` is not let in; a stable code, for logs and metrics. */
export type CallerRefusalCode =
  | 'caller/no-certificate'
  | 'caller/untrusted-certificate'
  | 'caller/name-not-allowed'
  | 'caller/no-token'
  | 'caller/bad-token'
  | 'caller/subject-not-allowed';

/** A refusal of a caller. `why` is told to the caller and logged: it names nobody. */
export interface CallerRefusal {
  readonly kind: 'refused';
  readonly code: CallerRefusalCode;
  readonly why: string;
  /** Who the caller proved to be, though nobody that may call. */
  readonly names?: readonly string[];
}

/** Whether a caller is let in. `undecided`: it could not be found out, which is no fault of the caller's. */
export type CallerVerdict =
  | { readonly kind: 'accepted' }
  | CallerRefusal
  | { readonly kind: 'undecided'; readonly why: string };

/** Judges who calls, before anything of the request's body is read. `at`: milliseconds since the epoch. Never rejects. */
export type CallerCheck = (request: IncomingMessage, at: number) => CallerVerdict | Promise<CallerVerdict>;

/** Lets in whom one of the checks lets in, as Kubernetes' own authenticators do. */
export function anyCaller(checks: readonly CallerCheck[]): CallerCheck {
  return async (request, at) => {
    const verdicts: CallerVerdict[] = [];
    for (const check of checks) {
      const verdict = await check(request, at);
      if (verdict.kind === 'accepted') return verdict;
      verdicts.push(verdict);
    }
    return mostTelling(verdicts);
  };
}

/** Lets in whom every check lets in. */
export function everyCaller(checks: readonly CallerCheck[]): CallerCheck {
  return async (request, at) => {
    for (const check of checks) {
      const verdict = await check(request, at);
      if (verdict.kind !== 'accepted') return verdict;
    }
    return { kind: 'accepted' };
  };
}

/** What could not be found out comes before a credential that is wrong, and that before one that is missing. */
function mostTelling(verdicts: readonly CallerVerdict[]): CallerVerdict {
  const rank = (verdict: CallerVerdict): number => {
    if (verdict.kind !== 'refused') return 0;
    return verdict.code === 'caller/no-certificate' || verdict.code === 'caller/no-token' ? 2 : 1;
  };
  const [first] = verdicts.toSorted((one, other) => rank(one) - rank(other));
  if (first === undefined) throw new Error('a caller was checked against nothing');
  return first;
}
