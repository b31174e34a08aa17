import { goQuote } from '../x509/go-text.ts';

const EXPLANATIONS = {
  'mapping/leaf-is-authority': "the certificate is an authority's; a workload's is not",
  'mapping/leaf-no-key-usage': "the certificate has no key usage; a workload's has digitalSignature",
  'mapping/leaf-key-usage-not-critical': 'the key usage of the certificate is not critical',
  'mapping/leaf-no-digital-signature': 'the key usage of the certificate lacks digitalSignature',
  'mapping/leaf-cert-sign': "the certificate may sign certificates (keyCertSign); a workload's may not",
  'mapping/leaf-crl-sign': "the certificate may sign CRLs (cRLSign); a workload's may not",
  'mapping/leaf-key-usage': 'the certificate has a key usage beyond digitalSignature and keyEncipherment',
  'mapping/leaf-no-extended-key-usage': 'the certificate has no extended key usage; it must name clientAuth',
  'mapping/leaf-extended-key-usage':
    'the certificate has an extended key usage beyond serverAuth and clientAuth',

  'mapping/spiffe-no-uri': 'the certificate has no URI SAN; it must have one, its SPIFFE ID',
  'mapping/spiffe-two-uris': 'the certificate has more than one URI SAN; its SPIFFE ID must be the only one',
  'mapping/spiffe-too-long': 'the SPIFFE ID is longer than 2048 bytes',
  'mapping/spiffe-scheme': 'the URI SAN does not begin with spiffe:// in lower case',
  'mapping/spiffe-query': 'the SPIFFE ID has a query',
  'mapping/spiffe-fragment': 'the SPIFFE ID has a fragment',
  'mapping/spiffe-percent-encoding': 'the SPIFFE ID has a percent sign',
  'mapping/spiffe-userinfo': 'the SPIFFE ID has user information before its trust domain',
  'mapping/spiffe-port': 'the SPIFFE ID has a port',
  'mapping/spiffe-trust-domain-empty': 'the SPIFFE ID has no trust domain',
  'mapping/spiffe-trust-domain-too-long': 'the trust domain of the SPIFFE ID is longer than 255 bytes',
  'mapping/spiffe-trust-domain-upper-case': 'the trust domain of the SPIFFE ID is not in lower case',
  'mapping/spiffe-trust-domain-character':
    'the trust domain of the SPIFFE ID has a character that is not one of a-z 0-9 . - _',
  'mapping/spiffe-trust-domain-label': 'the trust domain of the SPIFFE ID has an empty label',
  'mapping/spiffe-no-path': 'the SPIFFE ID has no path; that of a workload has one',
  'mapping/spiffe-trailing-slash': 'the SPIFFE ID ends with a slash',
  'mapping/spiffe-empty-segment': 'the path of the SPIFFE ID has an empty segment',
  'mapping/spiffe-dot-segment': 'the path of the SPIFFE ID has a segment . or ..',
  'mapping/spiffe-path-character':
    'the path of the SPIFFE ID has a character that is not one of a-z A-Z 0-9 . - _',
  'mapping/spiffe-trust-domain':
    "the SPIFFE ID is not of the trust domain that the certificate's anchors are for",
  'mapping/spiffe-path': 'the path of the SPIFFE ID is not /ns/<namespace>/sa/<service account>',

  'mapping/common-name-absent': 'the certificate has no common name',
  'mapping/common-name-repeated': 'the certificate has more than one common name',
  'mapping/common-name': 'the common name is not system:serviceaccount:<namespace>:<service account>',
  'mapping/identities-disagree': 'the names in the certificate are of different workloads',

  'mapping/pod-identity-absent': 'the certificate has no PodIdentity extension',
  'mapping/pod-identity-malformed':
    'the PodIdentity extension is not the DER of a sequence of the eight strings [0] to [7]',
  'mapping/pod-identity-alternative-names':
    'the certificate has subject alternative names; one with a PodIdentity extension has none',

  'mapping/namespace': 'not a name that Kubernetes allows for a namespace',
  'mapping/service-account': 'not a name that Kubernetes allows for a service account',
  'mapping/pod': 'not a name that Kubernetes allows for a pod',
  'mapping/node': 'not a name that Kubernetes allows for a node',
  'mapping/uid': 'not a UID: 1 to 128 printable ASCII characters without spaces',

  'mapping/username-type': 'the username expression must return a string',
  'mapping/username-empty': 'the username expression returned an empty string',
  'mapping/uid-type': 'the uid expression must return a string',
  'mapping/groups-type': 'the groups expression must return a string or a list of strings',
  'mapping/extra-type': 'the expression of an extra key must return a string or a list of strings',
  'mapping/system-username': 'the username begins with system:, which allowSystemIdentities does not allow',
  'mapping/system-group': 'a group begins with system:, which allowSystemIdentities does not allow',
} as const;

/** Every code of a refusal to make a user of a certificate. */
export type MappingRefusalCode = keyof typeof EXPLANATIONS;

/** All of them. */
export const mappingRefusalCodes: readonly MappingRefusalCode[] = Object.keys(
  EXPLANATIONS,
) as MappingRefusalCode[];

/** Why a certificate is not made a user. `value` is what was wrong in it, where that is one text. */
export interface MappingRefusal {
  readonly code: MappingRefusalCode;
  readonly value?: string;
}

/** Whether some reason is such a refusal. */
export function isMappingRefusal(reason: { readonly code: string }): reason is MappingRefusal {
  return Object.hasOwn(EXPLANATIONS, reason.code);
}

/** Refusals whose value is somebody's whole name: it stays out of logs and answers. */
const NAMING: ReadonlySet<MappingRefusalCode> = new Set([
  'mapping/spiffe-two-uris',
  'mapping/common-name',
  'mapping/common-name-repeated',
  'mapping/identities-disagree',
  'mapping/system-username',
  'mapping/system-group',
]);

/** Longer values are cut: the certificate's author chooses them, and the text ends up in logs and answers. */
const MAX_QUOTED_LENGTH = 80;

/** Refusals whose value says nothing of who somebody is: a key usage, or whose identities the certificate is of. */
const NAMELESS: ReadonlySet<MappingRefusalCode> = new Set([
  'mapping/leaf-extended-key-usage',
  'mapping/spiffe-trust-domain',
]);

/** The refusal in English, without any part of its holder's name. */
export function explainMappingRefusal(refusal: MappingRefusal): string {
  return NAMELESS.has(refusal.code) ? describeMappingRefusal(refusal) : EXPLANATIONS[refusal.code];
}

/** The refusal in English: what is wrong, and the offending value, quoted and cut to a bounded length, unless it is a whole name. */
export function describeMappingRefusal({ code, value }: MappingRefusal): string {
  const explanation = EXPLANATIONS[code];
  return value === undefined || NAMING.has(code) ? explanation : `${explanation}: ${quoteExcerpt(value)}`;
}

function quoteExcerpt(text: string): string {
  const isLong = text.length > MAX_QUOTED_LENGTH;
  return isLong ? `${goQuote(text.slice(0, MAX_QUOTED_LENGTH))}…` : goQuote(text);
}
