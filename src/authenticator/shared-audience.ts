/** Audiences that every cluster answers to: a token for one would be good for them all. */
const SHARED_AUDIENCE = /^(?:https?:\/\/)?kubernetes(?:\.default(?:\.svc(?:\..*)?)?)?(?::\d+)?\/?$/;

/** Whether an audience is the default of every cluster rather than the name of one. */
export function isSharedAudience(audience: string): boolean {
  return SHARED_AUDIENCE.test(audience);
}
