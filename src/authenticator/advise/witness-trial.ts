import { toCertInput } from '../../cel/certificate-input.ts';
import type { CelInput } from '../../cel/frame.ts';
import { toUserInput } from '../../cel/input.ts';
import { CREDENTIAL_ID, credentialId } from '../../identity/kubernetes-user.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import type { Certificate, DistinguishedName } from '../../x509/certificate.ts';
import { commonName } from '../../x509/name.ts';
import type { Entry, EvaluationFailurePolicy, Rule } from '../authenticator.ts';
import { mapByClaims } from '../map-user.ts';
import { toWitnessCertificate, type Witness } from './witness.ts';

/**
 * The user that an entry would make of a witness whose certificate its authority had issued, by its own mapping and rules;
 * undefined where it denies. Request rules are not looked at: where a request comes from is not the authority's to say.
 */
export function tryWitness(entry: Entry, witness: Witness, at: number): UserInfo | undefined {
  const { certificateRules, userRules, mapping, evaluationFailurePolicy: policy } = entry;
  if (mapping.kind === 'kubernetes' && certificateRules.length === 0) {
    // Most entries ask nothing of the certificate, and then nobody needs one.
    const user = plainUser(witness, NO_CREDENTIAL);
    return passes(userRules, { input: toUserInput(user), policy }) ? user : undefined;
  }
  const certificate = toWitnessCertificate(witness, { at, issuer: issuerOf(entry) });
  const user = userOf(entry, witness, certificate);
  if (user === undefined || !passes(userRules, { input: toUserInput(user), policy })) return undefined;
  return passes(certificateRules, { input: toCertInput(certificate), policy: 'Closed' }) ? user : undefined;
}

const NO_NAME: DistinguishedName = { der: Buffer.alloc(0), attributes: [], otherTypes: [] };

/** The authority that the entry is for, or one of those it has. */
export function issuerOf({ issuerName, anchors: { anchors } }: Entry): DistinguishedName {
  const named = anchors.find(({ subject }) => commonName(subject) === issuerName);
  return (named ?? anchors[0])?.subject ?? NO_NAME;
}

const NO_CREDENTIAL = `X509SHA256=${'0'.repeat(64)}`;

/** What Kubernetes' own mapping makes of a name and groups; it needs no path here, since nobody is authenticated. */
function plainUser({ commonName, uid, organizations }: Witness, credential: string): UserInfo {
  const extra = new Map([[CREDENTIAL_ID, [credential]]]);
  return { username: commonName, uid, groups: organizations, extra };
}

function userOf({ mapping }: Entry, witness: Witness, certificate: Certificate): UserInfo | undefined {
  switch (mapping.kind) {
    case 'kubernetes':
      return plainUser(witness, credentialId(certificate));
    case 'claims': {
      const mapped = mapByClaims(mapping, certificate, []);
      return mapped.outcome === 'mapped' ? mapped.user : undefined;
    }
    case 'workload':
      return undefined;
  }
}

function passes(
  rules: readonly Rule[],
  { input, policy }: { readonly input: CelInput; readonly policy: EvaluationFailurePolicy },
): boolean {
  return rules.every(({ program }) => {
    const evaluation = program.evaluate(input);
    return evaluation.kind === 'value'
      ? evaluation.value === true
      : evaluation.kind === 'error' && policy === 'Open';
  });
}
