import { Failure } from './failure.ts';

/** Flags as they were given, by their names in camel case; one that was not given is undefined or an empty list. */
export type GivenFlags = Readonly<Record<string, unknown>>;

/** The flags that make a synthetic certificate. */
export const SYNTHETIC = ['subject', 'uriSan', 'dnsSan', 'ipSan', 'emailSan'] as const;

/** Flags that mean nothing alone, each with those of which one must stand beside it. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  chain: ['cert'],
  audience: ['token'],
  context: ['kubeconfig'],
  entry: SYNTHETIC,
  lifetime: SYNTHETIC,
  failOn: ['compare'],
};

/**
 * Refuses a flag that would have no effect: who gave it expects one.
 *
 * @throws Failure naming the flag and what it goes with.
 */
export function checkCompanions(flags: GivenFlags): void {
  for (const [name, companions] of Object.entries(COMPANIONS)) {
    if (!isGiven(flags[name]) || companions.some((companion) => isGiven(flags[companion]))) continue;
    throw new Failure(`${toFlag(name)} goes with ${companions.map(toFlag).join(', ')}`);
  }
}

/**
 * Refuses flags that another one leaves no room for.
 *
 * @throws Failure naming both.
 */
export function refuseBeside(flag: string, others: readonly string[], flags: GivenFlags): void {
  const found = others.find((name) => isGiven(flags[name]));
  if (found !== undefined) throw new Failure(`${toFlag(found)} does not go with ${flag}`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** A flag as it is written: `--revocation-file` of `revocationFile`. */
export function toFlag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
