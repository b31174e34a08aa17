import {
  describeMappingRefusal,
  explainMappingRefusal,
  isMappingRefusal,
  type MappingRefusal,
  type MappingRefusalCode,
  mappingRefusalCodes,
} from '../identity/mapping-refusal.ts';
import type { JwsAlgorithm } from '../x509/jws.ts';
import {
  describePathRefusal,
  describePathRefusalWithoutNames,
  type PathRefusal,
} from '../x509/path-refusal.ts';
import { describeRevocationRefusal, type RevocationRefusal } from '../x509/revocation.ts';

/** The kinds of rules, in the order in which they are judged. */
export type RuleKind = 'request' | 'certificate' | 'user';

/** An expression of an entry: a rule by its index, or a mapping by its field (`username`, `extra[0]`). */
export type ExpressionPlace =
  | { readonly stage: RuleKind; readonly index: number }
  | { readonly stage: 'mapping'; readonly field: string };

/** Why the rules of a kind deny. */
export type RuleReason =
  | { readonly code: `${RuleKind}/denied`; readonly index: number; readonly message: string }
  | { readonly code: `${RuleKind}/evaluation-error`; readonly index: number; readonly message: string }
  | ({ readonly code: 'cel/cost-limit' | 'internal/fault' } & ExpressionPlace);

/**
 * Why a request was denied, or why nobody had an opinion on it: data with a stable code. Rules are named by their index;
 * `message` is the administrator's own and may be empty.
 */
export type Reason =
  | PathRefusal
  | RuleReason
  | { readonly code: 'path/no-entry' }
  | { readonly code: 'path/issuer-mismatch'; readonly expected: string; readonly issuedBy: string }
  | { readonly code: 'path/issuer-not-anchor'; readonly issuedBy: string }
  | { readonly code: 'possession/bad-signature'; readonly algorithm: JwsAlgorithm }
  | RevocationRefusal
  | { readonly code: 'request/remoteaddr-unknown'; readonly index: number }
  | { readonly code: 'mapping/evaluation-error'; readonly field: string }
  | MappingRefusal
  | { readonly code: 'mapping/no-common-name' }
  | { readonly code: 'mapping/invalid-uid'; readonly problem: string }
  | { readonly code: 'session/entry-changed'; readonly entry: string }
  | { readonly code: 'session/too-large' };

/** Codes that are not of a decision: a token that does not open, a native certificate's verdict, a fault of ours. */
type OutsideCode =
  | 'token/foreign'
  | 'token/malformed'
  | 'token/header'
  | 'token/chain'
  | 'token/algorithm'
  | 'token/claims'
  | 'token/lifetime'
  | 'token/expired'
  | 'token/issued-in-the-future'
  | 'session/malformed'
  | 'session/unknown-key'
  | 'session/bad-signature'
  | 'session/lifetime'
  | 'session/expired'
  | 'session/issued-in-the-future'
  | 'possession/no-certificate'
  | 'possession/bad-chain'
  | 'possession/bad-header'
  | 'certificate/unreadable-id'
  | 'certificate/unknown'
  | 'request/too-large'
  | 'internal/error';

export type ReasonCode = Reason['code'] | OutsideCode;

/** What a reason makes of a request: `denied` by the entry that took it, `no-opinion` of any entry, or `refused` before. */
export type ReasonClass = 'denied' | 'no-opinion' | 'refused';

const MAPPING_REFUSALS = Object.fromEntries(mappingRefusalCodes.map((code) => [code, 'denied'])) as Readonly<
  Record<MappingRefusalCode, 'denied'>
>;

/** Every reason code there is, with its class. */
export const REASONS: Readonly<Record<ReasonCode, ReasonClass>> = {
  'token/foreign': 'no-opinion',
  'token/malformed': 'refused',
  'token/header': 'refused',
  'token/chain': 'refused',
  'token/algorithm': 'refused',
  'token/claims': 'refused',
  'token/lifetime': 'refused',
  'token/expired': 'refused',
  'token/issued-in-the-future': 'refused',
  'session/malformed': 'refused',
  'session/unknown-key': 'refused',
  'session/bad-signature': 'refused',
  'session/lifetime': 'refused',
  'session/expired': 'refused',
  'session/issued-in-the-future': 'refused',
  'possession/no-certificate': 'refused',
  'possession/bad-chain': 'refused',
  'possession/bad-header': 'refused',
  'request/too-large': 'refused',
  'internal/error': 'refused',
  'path/no-entry': 'no-opinion',
  'path/unknown-authority': 'no-opinion',
  'path/unhandled-critical-extension': 'no-opinion',
  'path/expired': 'no-opinion',
  'path/not-yet-valid': 'no-opinion',
  'path/not-an-authority': 'no-opinion',
  'path/too-long': 'no-opinion',
  'path/name-not-permitted': 'no-opinion',
  'path/key-usage': 'no-opinion',
  'path/policy': 'no-opinion',
  'path/signature-limit': 'no-opinion',
  'path/issuer-mismatch': 'no-opinion',
  'path/issuer-not-anchor': 'no-opinion',
  'mapping/no-common-name': 'no-opinion',
  'possession/bad-signature': 'denied',
  'revocation/revoked': 'denied',
  'revocation/stale': 'denied',
  'request/remoteaddr-unknown': 'denied',
  'request/denied': 'denied',
  'request/evaluation-error': 'denied',
  'certificate/unreadable-id': 'denied',
  'certificate/unknown': 'denied',
  'certificate/denied': 'denied',
  'certificate/evaluation-error': 'denied',
  'user/denied': 'denied',
  'user/evaluation-error': 'denied',
  'cel/cost-limit': 'denied',
  'mapping/invalid-uid': 'denied',
  'mapping/evaluation-error': 'denied',
  ...MAPPING_REFUSALS,
  'session/entry-changed': 'denied',
  'session/too-large': 'denied',
  'internal/fault': 'denied',
};

/** Of the reasons why nobody took a chain, the first that says more than that it is a stranger's. */
export function mostTelling(reasons: readonly Reason[]): Reason {
  return (
    reasons.find(({ code }) => code !== 'path/unknown-authority') ?? reasons[0] ?? { code: 'path/no-entry' }
  );
}

/** The reason in English, with what it quotes of the certificate: for who has the certificate before them. */
export function describeWithNames(reason: Reason): string {
  if (isMappingRefusal(reason)) return describeMappingRefusal(reason);
  if (reason.code === 'mapping/invalid-uid') return reason.problem;
  const isOfPath = reason.code === 'path/name-not-permitted' || reason.code === 'path/unknown-authority';
  return isOfPath ? describePathRefusal(reason) : describe(reason);
}

/** The reason in English, without the identity of anybody: what reaches the client beside the code. */
export function describe(reason: Reason): string {
  if (isMappingRefusal(reason)) return explainMappingRefusal(reason);
  switch (reason.code) {
    case 'path/no-entry':
      return 'no x509 entry is configured';
    case 'path/issuer-mismatch':
      return `the certificate was issued by ${quote(reason.issuedBy)}, and the entry is for ${quote(reason.expected)}`;
    case 'path/issuer-not-anchor':
      return `the issuing certificate ${quote(reason.issuedBy)} is not itself an anchor, as it must be for an entry without anchors of its own`;
    case 'possession/bad-signature':
      return `the ${reason.algorithm} signature was not made with the leaf certificate's key`;
    case 'revocation/revoked':
    case 'revocation/stale':
      return describeRevocationRefusal(reason);
    case 'request/remoteaddr-unknown':
      return `request rule ${reason.index} reads request.remoteaddr, and the client's address is not known here (a TokenReview carries none)`;
    case 'request/denied':
    case 'certificate/denied':
    case 'user/denied':
      return reason.message || `rule ${reason.index} is false`;
    case 'request/evaluation-error':
    case 'certificate/evaluation-error':
    case 'user/evaluation-error':
      return reason.message || `rule ${reason.index} could not be evaluated`;
    case 'cel/cost-limit':
      return `${describePlace(reason)} exceeded the cost limit`;
    case 'mapping/no-common-name':
      return 'the certificate has no common name';
    case 'mapping/invalid-uid':
      return withoutList(reason.problem);
    case 'mapping/evaluation-error':
      return `the expression of ${reason.field} could not be evaluated`;
    case 'session/entry-changed':
      return `the entry ${quote(reason.entry)} that the session was decided by is gone or has changed: exchange the certificate again`;
    case 'session/too-large':
      return 'the user has more groups than a session token can carry';
    case 'internal/fault':
      return `${describePlace(reason)} could not be evaluated for a fault of ours`;
    case 'path/unknown-authority':
    case 'path/unhandled-critical-extension':
    case 'path/expired':
    case 'path/not-yet-valid':
    case 'path/not-an-authority':
    case 'path/too-long':
    case 'path/name-not-permitted':
    case 'path/key-usage':
    case 'path/policy':
    case 'path/signature-limit':
      return describePathRefusalWithoutNames(reason);
  }
}

/** Kubernetes' words on UIDs end with a list of them, where there are several. */
function withoutList(problem: string): string {
  return problem.split(': [', 1)[0] ?? '';
}

function describePlace(place: ExpressionPlace): string {
  return place.stage === 'mapping'
    ? `the expression of ${place.field}`
    : `${place.stage} rule ${place.index}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
