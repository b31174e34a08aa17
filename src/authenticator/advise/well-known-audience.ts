import { isSharedAudience } from '../shared-audience.ts';
import type { Advice } from './advice.ts';

/** An audience that does not tell one cluster from another. */
export const wellKnownAudience: Advice = {
  id: 'audience/well-known',
  severity: 'error',
  title: 'an audience is the default of every cluster',
  explanation:
    "A token is good for its audience. https://kubernetes.default.svc and its like are the audience of every cluster, so that a token which was made for one is accepted by another that trusts the same certificate authority or issuer: a test cluster's administrator can replay what was sent to him. Name this one cluster, as in x509.prod-eu.example. `serve` refuses such an audience; a jwt entry with one takes tokens that were made for other clusters.",
  find: ({ config, surroundings }) => [
    ...surroundings.audiences.filter(isSharedAudience).map((audience) => ({
      path: '',
      message: `--audience: ${JSON.stringify(audience)} is the default of every cluster: name this one, as in x509.prod-eu.example`,
    })),
    ...config.jwt.flatMap(({ issuer }, index) =>
      issuer.audiences.flatMap((audience, item) => {
        // A client of an identity provider is often called just kubernetes.
        if (!audience.includes('//') || !isSharedAudience(audience)) return [];
        const path = `jwt[${index}].issuer.audiences[${item}]`;
        return [{ path, message: `${path}: ${JSON.stringify(audience)} is the default of every cluster` }];
      }),
    ),
  ],
};
