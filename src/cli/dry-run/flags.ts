import { toRemoteAddress } from '../../authenticator/remote-address.ts';
import { Failure } from '../failure.ts';
import type { ChainFlags } from './presented-chain.ts';
import type { SyntheticFlags } from './synthetic-flags.ts';

/** The flags of `dry-run` as they are written. */
export interface DryRunFlags extends ChainFlags, SyntheticFlags {
  readonly config: string;
  readonly certificateAuthorityFile?: string;
  readonly revocationFile: readonly string[];
  readonly token?: string;
  readonly audience?: string;
  readonly entry?: string;
  readonly remoteAddr?: string;
  readonly at?: string;
  readonly output: string;
  readonly expect?: string;
  readonly compare?: string;
  readonly failOn: readonly string[];
}

/** RFC 3339 §5.6. */
const INSTANT = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/**
 * An instant of RFC 3339 in milliseconds since the epoch.
 *
 * @throws Failure naming where it stands.
 */
export function parseInstant(place: string, text: string): number {
  const at = INSTANT.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  if (Number.isNaN(at) || !isOfCalendar(text)) {
    throw new Failure(
      `${place}: ${JSON.stringify(text)} is not a time: expected RFC 3339, as in 2026-06-15T12:00:00Z`,
    );
  }
  return at;
}

/** `Date.parse` takes 31 February, and 24:00, for the day after. */
function isOfCalendar(text: string): boolean {
  const local = text.slice(0, 19).toUpperCase();
  return new Date(`${local}Z`).toISOString().startsWith(local);
}

/**
 * An address as `request.remoteaddr` has it.
 *
 * @throws Failure naming where it stands.
 */
export function parseRemoteAddress(place: string, text: string): string {
  const address = toRemoteAddress(text);
  if (address === undefined) {
    throw new Failure(
      `${place}: ${JSON.stringify(text)} is not an IP address: expected one without a port, as in 10.0.0.1`,
    );
  }
  return address;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A length of time in milliseconds: a whole number and s, m, h or d.
 *
 * @throws Failure naming where it stands.
 */
export function parseLifetime(place: string, text: string): number {
  const match = /^(?<count>\d{1,6})(?<unit>[smhd])$/.exec(text);
  const unit = UNITS[match?.groups?.['unit'] ?? ''];
  if (unit === undefined) {
    throw new Failure(
      `${place}: ${JSON.stringify(text)} is not a length of time: expected a number and s, m, h or d, as in 24h`,
    );
  }
  return Number(match?.groups?.['count']) * unit;
}

/**
 * A value that a flag allows.
 *
 * @throws Failure naming the flag and what it allows.
 */
export function parseChoice<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((choice) => choice === text);
  if (choice === undefined)
    throw new Failure(`${flag}: got ${JSON.stringify(text)}, expected ${choices.join(', ')}`);
  return choice;
}
