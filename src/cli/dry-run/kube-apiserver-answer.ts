import type { Evidence } from '../../authenticator/evidence.ts';
import { toKubernetesUser } from '../../identity/kubernetes-user.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import { describeVerificationFailure } from '../../x509/path-refusal.ts';
import type { PathVerifier } from '../../x509/path-verifier.ts';
import type { TrustBundle } from '../../x509/trust-bundle.ts';

/** What kube-apiserver's own client-certificate authentication makes of a chain. */
export type KubeApiserverAnswer =
  | { readonly kind: 'authenticated'; readonly user: UserInfo }
  | { readonly kind: 'no-opinion' }
  | { readonly kind: 'refused'; readonly error: string };

/** Signature checks of Go's own verifier. */
const SIGNATURE_CHECKS = 100;

const ALL_AUTHENTICATED = 'system:authenticated';

/** The answer of a kube-apiserver with these anchors in `--client-ca-file`: no rules, no revocation, any identity. */
export function answerAsKubeApiserver(
  { chain, at }: Evidence,
  anchors: TrustBundle,
  paths: PathVerifier,
): KubeApiserverAnswer {
  const verdict = paths.verify(chain, {
    anchors,
    at,
    maxSignatureChecks: SIGNATURE_CHECKS,
    handledExtensions: new Set(),
  });
  if (verdict.kind === 'refused') {
    return { kind: 'refused', error: describeVerificationFailure(chain[0], verdict.refusal) };
  }
  const mapping = toKubernetesUser(verdict.paths[0]);
  switch (mapping.kind) {
    case 'user': {
      const { groups } = mapping.user;
      return {
        kind: 'authenticated',
        user: {
          ...mapping.user,
          groups: groups.includes(ALL_AUTHENTICATED) ? groups : [...groups, ALL_AUTHENTICATED],
        },
      };
    }
    case 'no-opinion':
      return { kind: 'no-opinion' };
    case 'invalid':
      return { kind: 'refused', error: mapping.message };
  }
}
