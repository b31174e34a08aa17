import { isSharedAudience } from '../authenticator/shared-audience.ts';
import { Failure } from './failure.ts';

/**
 * Checks that an audience names one cluster.
 *
 * @throws Failure for an empty one and for the defaults that every cluster shares.
 */
export function checkAudience(audience: string): string {
  if (audience === '')
    throw new Failure('--audience: must not be empty: name this one cluster, as in x509.prod-eu.example');
  if (isSharedAudience(audience)) {
    throw new Failure(
      `--audience: ${JSON.stringify(audience)} is the default of every cluster, and two clusters that trust one CA must not ` +
        "accept each other's tokens: name this one cluster, as in x509.prod-eu.example",
    );
  }
  return audience;
}
