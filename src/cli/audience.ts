import { Failure } from './failure.ts';

/** Audiences that every cluster answers to: a token for one would be good for them all. */
const SHARED_AUDIENCE = /^(?:https?:\/\/)?kubernetes(?:\.default(?:\.svc(?:\..*)?)?)?(?::\d+)?\/?$/;

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

/** Whether an audience is a default that every cluster's API server answers to. */
export function isSharedAudience(audience: string): boolean {
  return SHARED_AUDIENCE.test(audience);
}
