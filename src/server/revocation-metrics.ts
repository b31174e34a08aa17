import { Gauge, type Registry } from 'prom-client';
import type { Authenticator } from '../authenticator/authenticator.ts';
import type { NativePolicy } from '../authenticator/native-policy.ts';
import type { Revocations } from '../x509/revocation.ts';
import { METRIC_PREFIX as PREFIX } from './metric-prefix.ts';

/** What revokes certificates of one entry. */
export interface EntryRevocations {
  readonly entry: string;
  readonly revocations: Revocations;
}

/** What revokes certificates now, and the clock in milliseconds since the epoch. */
export interface RevocationsInForce {
  readonly inForce: () => readonly EntryRevocations[];
  readonly now: () => number;
}

/**
 * Shows, at each scrape, how old CRLs are and what lists name. Of each issuer the CRL that holds longest counts, as it does for
 * `onStale`; of an entry its worst issuer.
 */
export function addRevocationMetrics(registry: Registry, { inForce, now }: RevocationsInForce): void {
  const registers = [registry];
  const fill = (gauge: Gauge<'entry'>, worst: (crls: readonly CrlTimes[]) => number): void => {
    gauge.reset();
    for (const { entry, revocations } of inForce()) {
      const crls = newestCrls(revocations);
      if (crls.length > 0) gauge.set({ entry }, worst(crls) / 1000);
    }
  };
  const age: Gauge<'entry'> = new Gauge({
    registers,
    name: `${PREFIX}crl_age_seconds`,
    help: 'Seconds since the thisUpdate of the oldest CRL that an entry relies on.',
    labelNames: ['entry'],
    collect: () => fill(age, (crls) => now() - Math.min(...crls.map(({ thisUpdate }) => thisUpdate))),
  });
  const expiration: Gauge<'entry'> = new Gauge({
    registers,
    name: `${PREFIX}crl_expiration_seconds`,
    help: 'Seconds until the nextUpdate of the CRL that an entry has to see replaced first.',
    labelNames: ['entry'],
    collect: () => fill(expiration, (crls) => Math.min(...crls.map(({ nextUpdate }) => nextUpdate)) - now()),
  });
  const listed: Gauge<'entry' | 'kind'> = new Gauge({
    registers,
    name: `${PREFIX}revocation_list_items`,
    help: 'Certificates that revocation lists name, by what they are named by.',
    labelNames: ['entry', 'kind'],
    collect() {
      listed.reset();
      for (const { entry, revocations } of inForce()) {
        listed.set({ entry, kind: 'serial' }, revocations.serials.size);
        listed.set({ entry, kind: 'fingerprint' }, revocations.fingerprints.size);
        listed.set({ entry, kind: 'public-key' }, revocations.publicKeys.size);
      }
    },
  });
}

interface CrlTimes {
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

function newestCrls({ crls }: Revocations): readonly CrlTimes[] {
  return [...crls.values()].flatMap((ofIssuer) =>
    ofIssuer.length === 0
      ? []
      : [ofIssuer.reduce((newest, crl) => (crl.nextUpdate > newest.nextUpdate ? crl : newest))],
  );
}

/** The revocations of an authenticator's entries and of a native policy, whose entry is called `native-policy`. */
export function revocationsOf(
  authenticator: Authenticator | undefined,
  native: NativePolicy | undefined,
): readonly EntryRevocations[] {
  return [
    ...(authenticator?.entries ?? []).flatMap(({ id: entry, revocation }) =>
      revocation === undefined ? [] : [{ entry, revocations: revocation.revocations }],
    ),
    ...(native === undefined ? [] : [{ entry: 'native-policy', revocations: native.revocations }]),
  ];
}
