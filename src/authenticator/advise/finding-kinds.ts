import type { FindingKind } from './advice.ts';
import { ALL_ADVICE } from './all-advice.ts';

const LOADING =
  'kube-apiserver refuses the file in these words, and so does kube-x509-authn: the process does not start with it, and a reload is refused as a whole while the last good version stays in force.';

function decode(id: string, title: string, explanation: string): FindingKind {
  return { id: `decode/${id}`, severity: 'error', title, explanation: `${explanation} ${LOADING}` };
}

function field(id: string, title: string, explanation: string): FindingKind {
  return { id: `field/${id}`, severity: 'error', title, explanation: `${explanation} ${LOADING}` };
}

/** What a file is refused for, by the decoder and the validator. */
const ERRORS: readonly FindingKind[] = [
  decode('empty', 'the file is empty', 'There is nothing in the file.'),
  decode(
    'too-large',
    'the file is too large',
    'The file is larger than two megabytes, which is twice what a ConfigMap holds.',
  ),
  decode('encoding', 'the bytes are no text', 'The file is neither UTF-8 nor UTF-16 with a byte order mark.'),
  decode(
    'syntax',
    'the file is not YAML or JSON',
    'The text is not YAML as Kubernetes reads it (YAML 1.1), or, where it begins with a brace, not JSON.',
  ),
  decode(
    'kind',
    'the file is of another kind or version',
    'The apiVersion or the kind is missing, or is none that is known.',
  ),
  decode(
    'duplicate-field',
    'a field is set twice',
    'A key stands twice in one map; only the last would count.',
  ),
  decode(
    'unknown-field',
    'a field is not known',
    'Field names are case-sensitive and must be exactly those of the schema; what is near is suggested.',
  ),
  decode(
    'wrong-type',
    'a value has the wrong type',
    'A value is not of the type of its field: a number where a string belongs (quote it), a single value where a list belongs.',
  ),
  field('required', 'a value is missing', 'The field must be set.'),
  field(
    'invalid',
    'a value is not allowed',
    'The value is not one that the field can have; for an expression, it does not compile.',
  ),
  field(
    'duplicate',
    'a value stands twice',
    'Another field has the value already, and it may be there once.',
  ),
  field('forbidden', 'a field must not be set', 'The field may not be set together with what else is set.'),
  field('too-many', 'a list has too many items', 'The list has more items than the field may have.'),
  field('too-long', 'a value is too long', 'The value has more bytes than the field may have.'),
  field(
    'unsupported',
    'a value is none of those there are',
    'The field takes one of a few values, which the message names.',
  ),
  field(
    'internal',
    'an expression makes no program',
    'The expression compiles and cannot be evaluated, such as one that converts a constant that is none.',
  ),
];

/** What the decoder and the compiler warn of without refusing, and what is said of suppressions themselves. */
const WARNINGS: readonly FindingKind[] = [
  {
    id: 'decode/further-document',
    severity: 'warning',
    title: 'a further document has no effect',
    explanation:
      'Only the first document of the file is read, by kube-apiserver and by kube-x509-authn alike; what follows a line of three dashes has no effect. Give it a file of its own.',
  },
  {
    id: 'rule/remoteaddr-unknown',
    severity: 'warning',
    title: 'a rule needs an address that a TokenReview does not have',
    explanation:
      'kube-apiserver hands a webhook a bearer token and nothing else, so that request.remoteaddr is not known: an entry with a rule that reads it denies everybody who comes through the webhook. Keep such entries for clients with sessions, which /exchange and /auth give where the address is known, or limit addresses in front of kube-apiserver.',
  },
  {
    id: 'anchor/skipped-block',
    severity: 'warning',
    title: 'a bundle has PEM blocks that are passed over',
    explanation:
      'Blocks that are no CERTIFICATE, have headers, or are not well formed are passed over without a word, here as in kube-apiserver: the last certificate of a file that was cut off, one that begins on the line where another ends (cat of files without a line end), the first one behind a byte order mark, a TRUSTED CERTIFICATE. Whoever has a certificate of such an authority is not let in, or comes to another entry than was meant. A PRIVATE KEY among them does not belong there. Write the bundle anew, with BEGIN and END lines that stand alone.',
  },
  {
    id: 'entry/idle-field',
    severity: 'warning',
    title: 'a field is set and has no effect',
    explanation:
      'The field is about something that the entry does not have: allowSystemIdentities limits claimMappings, a PodIdentity certificate has no SPIFFE ID whose trust domain could be checked, and an issuerFile is for a CRL: the items of a RevocationList say themselves of whom they are. A reader of the file would think that it did something.',
  },
  {
    id: 'revocation/malformed',
    severity: 'error',
    title: 'a revocation file cannot be used',
    explanation:
      'The file is neither a RevocationList nor a CRL, has a fault, or is a CRL that no anchor of the entry signed (name the certificate that did in issuerFile). The server does not start with it; on a reload the last good version stays in force, and nobody new is revoked.',
  },
  {
    id: 'inventory/incomplete',
    severity: 'warning',
    title: 'an inventory has less in it than it seems',
    explanation:
      'A path of a NativeCertificatePolicy stands for no file, a file that a search found there has no certificate that can be read, or something is revoked by serial number, key or CRL where there is no inventory to look certificates up in. What is not in the inventory can be revoked by its fingerprint alone.',
  },
  {
    id: 'native/stops-cluster',
    severity: 'warning',
    title: 'a rule turns away kubelets or controllers',
    explanation:
      'The user rules of a NativeCertificatePolicy are asked about everybody who comes with a certificate: kubelets, the controller manager and the scheduler too. This one denies one of them, which stops the nodes or the control plane. Let users whose name begins with system: pass, as in `user.username.startsWith("system:") || …`.',
  },
  {
    id: 'suppression/malformed',
    severity: 'warning',
    title: 'a suppression is not understood',
    explanation:
      'A comment that begins with kube-x509-authn: is a suppression, which needs the id of the finding and a reason: `# kube-x509-authn: ignore rule/can-fail, because every user of this CA has the key`. Without a reason nothing is suppressed, since nobody could tell later whether it still holds.',
  },
  {
    id: 'suppression/unused',
    severity: 'warning',
    title: 'a suppression suppresses nothing',
    explanation:
      'The finding that the comment accepts is not there: it was mended, or the comment is not at the field that it is about. A suppression holds for the field or list item that begins on the next line, or on its own line, and for everything within. Take the comment out, so that it does not hide a finding to come.',
  },
];

/** Every kind of finding there is, by its id. */
export const FINDING_KINDS: ReadonlyMap<string, FindingKind> = new Map(
  [...ERRORS, ...WARNINGS, ...ALL_ADVICE]
    .map((kind) => [kind.id, kind] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);
