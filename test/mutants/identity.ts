import type { Mutant } from './mutant.ts';

/** A fault of one place in a file of identity/. */
function fault(name: string, file: string, [find, replace]: readonly [string, string]): Mutant {
  return { name, changes: [{ file: `identity/${file}`, find, replace }] };
}

/** Faults of workload identities and of mapped users. */
export const identityMutants: readonly Mutant[] = [
  fault('a workload may be an authority', 'workload-leaf.ts', ['basicConstraints?.isCA === true', 'false']),
  fault('a workload may sign certificates', 'workload-leaf.ts', [
    '(keyUsage & KeyUsageBit.keyCertSign) !== 0',
    'false',
  ]),
  fault('a workload may sign CRLs', 'workload-leaf.ts', ['(keyUsage & KeyUsageBit.crlSign) !== 0', 'false']),
  fault('a key usage need not be critical', 'workload-leaf.ts', ['!extension.critical', 'false']),
  fault('digitalSignature need not be there', 'workload-leaf.ts', [
    '(keyUsage & KeyUsageBit.digitalSignature) !== 0',
    'true',
  ]),
  fault('a common name may claim another account', 'workload-leaf.ts', [
    'isServiceAccountClaim(name) && name !== username',
    'false',
  ]),
  fault('only the first URI SAN is looked at', 'spiffe-workload.ts', ['second !== undefined', 'false']),
  fault('the trust domain is not compared', 'spiffe-workload.ts', [
    'result.id.trustDomain === trustDomain',
    'true',
  ]),
  fault('a path may go on', 'spiffe-workload.ts', [' && rest.length === 0', '']),
  fault('a path need not say sa', 'spiffe-workload.ts', [" && sa === 'sa'", '']),
  fault('names in a SPIFFE ID are not checked', 'spiffe-workload.ts', [
    'return checkWorkload({ namespace, serviceAccount });',
    'return { ok: true, workload: { namespace, serviceAccount } };',
  ]),
  fault('a SPIFFE ID may be long', 'spiffe-id.ts', ['Buffer.byteLength(uri) > MAX_LENGTH', 'false']),
  fault('the length of a SPIFFE ID is off by one', 'spiffe-id.ts', [
    'Buffer.byteLength(uri) > MAX_LENGTH',
    'Buffer.byteLength(uri) >= MAX_LENGTH',
  ]),
  fault('the length of a trust domain is off by one', 'spiffe-id.ts', [
    'Buffer.byteLength(text) > MAX_TRUST_DOMAIN_LENGTH',
    'Buffer.byteLength(text) >= MAX_TRUST_DOMAIN_LENGTH',
  ]),
  fault('the scheme is compared in any case', 'spiffe-id.ts', [
    '!uri.startsWith(SCHEME)',
    '!uri.toLowerCase().startsWith(SCHEME)',
  ]),
  fault('dot segments are taken', 'spiffe-id.ts', ["segment === '.' || segment === '..'", 'false']),
  fault('a trailing slash is an empty segment', 'spiffe-id.ts', ["segments.at(-1) === ''", 'false']),
  fault('an account in the common name has other key usages', 'service-account-profile.ts', [
    '(keyUsage & ~PERMITTED_KEY_USAGE) !== 0',
    'false',
  ]),
  fault('clientAuth may be implied', 'service-account-profile.ts', ['extKeyUsages.length === 0', 'false']),
  fault('a SPIFFE ID may disagree with the common name', 'service-account-profile.ts', [
    'uri === toSpiffeUri(workload, trustDomain)',
    'true',
  ]),
  fault('names in a common name are not checked', 'service-account-profile.ts', [
    'return checkWorkload(workload);\n}\n\nfunction',
    'return { ok: true, workload };\n}\n\nfunction',
  ]),
  fault('the last of several common names counts', 'service-account-profile.ts', [
    'const [name, second] = commonNames(subject);',
    'const [name, second] = commonNames(subject).slice(-1);',
  ]),
  fault('a PodIdentity may have SANs beside it', 'pod-identity-profile.ts', [
    'id === ExtensionId.subjectAlternativeName)',
    "id === '')",
  ]),
  fault('bytes may follow a PodIdentity', 'pod-identity-extension.ts', [' || !outer.isEmpty()', '']),
  fault('a PodIdentity may have a ninth string', 'pod-identity-extension.ts', [
    '!sequence.isEmpty() || ',
    '',
  ]),
  fault('a PodIdentity may be no UTF-8', 'pod-identity-extension.ts', ['!isUtf8(contents)', 'false']),
  fault('a third part of a username is dropped', 'workload.ts', [' || rest.length > 0', '']),
  fault('UIDs are not checked', 'workload.ts', ['uid !== undefined && !isObjectUid(uid)', 'false']),
  fault('the length of a label is off by one', 'object-name.ts', [
    'text.length <= MAX_LABEL_LENGTH',
    'text.length < MAX_LABEL_LENGTH',
  ]),
  fault('a name may end with a hyphen', 'object-name.ts', [" && !text.endsWith('-')", '']),
  fault('a federated identity may be an authority', 'federated-user.ts', [
    'if (refusal !== undefined) return',
    'if (refusal === null) return',
  ]),
  fault('an empty username is a name', 'mapped-user.ts', ["username === ''", 'false']),
  fault('system groups are given to anybody', 'mapped-user.ts', [
    'groups.find(isSystemName)',
    'groups.find(() => false)',
  ]),
  fault('a mapping may replace the credential id', 'mapped-user.ts', [
    '[...extra.entries, [CREDENTIAL_ID, [credentialId(leaf)]] as const]',
    '[[CREDENTIAL_ID, [credentialId(leaf)]] as const, ...extra.entries]',
  ]),
];
