import { loadRevocationList } from '../../src/config/load-revocation-list.ts';
import { createRevocations } from '../../src/x509/revocation.ts';
import { mutateText } from './mutate.ts';
import type { Target } from './target.ts';

const SAMPLES = [
  `apiVersion: kube-x509-authn.dev/v1alpha1
kind: RevocationList
serials:
- {serial: "0a1b", issuerName: my-ca, reason: laptop lost}
- serial: "1"
  issuerKeyId: c0ffee
fingerprints: [{sha256: "${'0a'.repeat(32)}"}]
publicKeys: &keys
- sha256: ${'0b'.repeat(32)}
`,
  `apiVersion: kube-x509-authn.dev/v1alpha1
kind: RevocationList
fingerprints:
# "alice", serial 1, revoked 2026-11-20
- sha256: "${'0c'.repeat(32)}"
  reason: "laptop lost"
serials:
- {serial: 0a1b2c, issuerName: my-ca, reason: left}
`,
  `{"apiVersion": "kube-x509-authn.dev/v1alpha1", "kind": "RevocationList", "serials": [{"serial": "1", "issuerName": "x"}]}`,
];

/** A RevocationList, which an administrator writes by hand. */
export function revocationListTarget(): Target {
  return {
    name: 'revocation_list',
    generate: (random) => [Buffer.from(mutateText(random.pick(SAMPLES), random))],
    run([text = Buffer.alloc(0)]) {
      const result = loadRevocationList(text.toString());
      if (result.kind === 'invalid')
        return result.issues.length > 0 ? undefined : 'invalid, and nothing wrong';
      createRevocations({ lists: [result.list], crls: [] });
      return undefined;
    },
  };
}
