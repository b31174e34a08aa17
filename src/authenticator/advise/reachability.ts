import type { Certificate } from '../../x509/certificate.ts';
import { commonName } from '../../x509/name.ts';
import type { Entry } from '../authenticator.ts';
import type { Advice, Finding } from './advice.ts';
import { nameOf } from './anchor-health.ts';
import { sameJudgement } from './entry-judgement.ts';
import { entriesTaking } from './issuer-reach.ts';
import type { Subject } from './subject.ts';

/** An entry that nobody ever comes to. */
export const entryUnreachable: Advice = {
  id: 'entry/unreachable',
  severity: 'warning',
  title: 'no certificate can reach an entry',
  explanation:
    'Entries are tried in order, and the first that verifies a certificate and whose name fits decides. Every certificate that this entry could take is taken by an earlier one, or no anchor of its bundle could issue any: it has no certificate authority of the name that the entry is for where only such a one can be the issuer. Its rules are never evaluated. Put the more particular entry first, or correct the name or the bundle.',
  find: ({ authenticator }) =>
    authenticator.entries.flatMap((entry) => findUnreachable(entry, authenticator.entries)),
};

/** A certificate that two entries would judge differently. */
export const entryCrossSigned: Advice = {
  id: 'entry/cross-signed',
  severity: 'warning',
  title: 'an issuer is reachable under two entries with different rules',
  explanation:
    'An authority that is an anchor of one entry was also signed by an anchor of another, or has a second certificate among its anchors. Which of the two entries verifies a certificate of it then depends on the intermediates that the client chooses to send: it picks the rules that it is judged by. Put the entry of the narrower authority first, so that it takes these certificates whatever is sent, or take the cross-signed authority out of one of the bundles.',
  find: findCrossSigned,
};

function findUnreachable(entry: Entry, entries: readonly Entry[]): readonly Finding[] {
  const path = `x509[${entry.index}]`;
  if (entry.anchors.anchors.length === 0 || hasFederated(entry)) return [];
  if (!canIssue(entry)) {
    const message = `${path}: no certificate can reach it: ${JSON.stringify(entry.issuerName)} is the name of no anchor, and only an anchor can issue for it`;
    return [{ path: `${path}.issuer.name`, message }];
  }
  const earlier = entries.slice(0, entry.index);
  const takers = entry.anchors.anchors.map((anchor) =>
    earlier.find((other) => takesAll(other, entry, anchor)),
  );
  const [first] = takers;
  if (first === undefined || takers.includes(undefined)) return [];
  const ids = [...new Set(takers.map((taker) => `x509[${taker?.index}]`))].join(', ');
  return [{ path, message: `${path}: no certificate can reach it: ${ids} takes every one before` }];
}

function hasFederated({ mapping }: Entry): boolean {
  return mapping.kind === 'workload' && mapping.federated.length > 0;
}

/** Whether some certificate could have the entry's name as that of its issuer. */
function canIssue({ issuerName, anchors, anchorsOf }: Entry): boolean {
  if (issuerName === '') return true;
  const isNamed = anchors.anchors.some(({ subject }) => commonName(subject) === issuerName);
  // Below an anchor of its own an entry may have an intermediate of any name, where the anchor lets it have any.
  const hasIntermediates =
    anchorsOf === 'entry' &&
    anchors.anchors.some(({ basicConstraints }) => basicConstraints?.maxPathLength !== 0);
  return isNamed || hasIntermediates;
}

/** Whether an earlier entry takes whatever this one takes by one of its anchors. */
function takesAll(other: Entry, entry: Entry, anchor: Certificate): boolean {
  const hasAnchor = other.anchors.anchors.some(({ fingerprint }) => fingerprint === anchor.fingerprint);
  if (!hasAnchor || other.mapping.kind === 'workload' || entry.mapping.kind === 'workload') return false;
  if (other.anchorsOf === 'entry') return other.issuerName === '' || other.issuerName === entry.issuerName;
  return false;
}

function findCrossSigned(subject: Subject): readonly Finding[] {
  const { entries } = subject.authenticator;
  const anchors = entries.flatMap((entry) => entry.anchors.anchors);
  const issuers = [...new Map(anchors.map((anchor) => [anchor.fingerprint, anchor])).values()];
  return issuers.flatMap((issuer) => {
    const { bare, full, second } = entriesTaking(issuer, issuers, subject);
    if (bare === undefined) return [];
    if (full !== undefined && full !== bare && !sameJudgement(bare, full)) {
      return [toFinding([bare, full], issuer, 'as the client chooses the intermediates that it sends')];
    }
    if (second === undefined || sameJudgement(bare, second)) return [];
    return [toFinding([bare, second], issuer, 'as its two certificates among the anchors are valid')];
  });
}

function toFinding(entries: readonly [Entry, Entry], issuer: Certificate, why: string): Finding {
  const [one, other] = entries.map(({ index }) => index).sort((a, b) => a - b);
  const path = `x509[${other}].issuer`;
  const message = `${path}: certificates of ${nameOf(issuer)} are judged by x509[${one}] or by x509[${other}], which have different rules, ${why}`;
  return { path, message };
}
