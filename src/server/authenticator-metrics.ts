import { Counter, Gauge, type Registry } from 'prom-client';
import type { Authenticator } from '../authenticator/authenticator.ts';
import type { PathVerifierCounters } from '../x509/path-verifier.ts';
import { anchorLabel, shownAnchors } from './anchor-label.ts';
import { METRIC_PREFIX as PREFIX } from './metric-prefix.ts';

/** The authenticator in force, and the clock in milliseconds since the epoch. */
export interface AuthenticatorInForce {
  readonly authenticator: () => Authenticator;
  readonly now: () => number;
}

/** Shows, at each scrape, what the authenticator in force is made of and how much its memory of paths saves. */
export function addAuthenticatorMetrics(registry: Registry, inForce: AuthenticatorInForce): void {
  addAnchorExpiration(registry, inForce);
  addPathCounters(registry, inForce.authenticator);
}

function addAnchorExpiration(registry: Registry, { authenticator, now }: AuthenticatorInForce): void {
  const gauge: Gauge<'entry' | 'anchor'> = new Gauge({
    registers: [registry],
    name: `${PREFIX}anchor_expiration_seconds`,
    help: 'Seconds until an anchor expires; anchor is the beginning of its SHA-256.',
    labelNames: ['entry', 'anchor'],
    collect() {
      gauge.reset();
      for (const entry of authenticator().entries)
        for (const anchor of shownAnchors(entry))
          gauge.set({ entry: entry.id, anchor: anchorLabel(anchor) }, (anchor.notAfter - now()) / 1000);
    },
  });
}

/** A verifier counts for as long as its authenticator lives; the series go on over reloads. */
function addPathCounters(registry: Registry, authenticator: () => Authenticator): void {
  const lookups: Counter<'result'> = new Counter({
    registers: [registry],
    name: `${PREFIX}path_cache_lookups_total`,
    help: 'Certificate paths, by whether they were remembered from before.',
    labelNames: ['result'],
    collect() {
      const grown = growth();
      lookups.inc({ result: 'hit' }, grown.pathHits);
      lookups.inc({ result: 'miss' }, grown.pathMisses);
      signatures.inc(grown.signatureChecks);
    },
  });
  const signatures = new Counter({
    registers: [registry],
    name: `${PREFIX}certificate_signature_checks_total`,
    help: "Signatures of certificates that were verified; tokens' own are not among them.",
  });
  const growth = createGrowth(() => authenticator().paths.counters);
}

type Growth = Pick<PathVerifierCounters, 'pathHits' | 'pathMisses' | 'signatureChecks'>;

/** How much counters have grown since they were last asked for; others in their place began at 0. */
function createGrowth(current: () => PathVerifierCounters): () => Growth {
  let counters = current();
  let seen: Growth = { ...counters };
  return () => {
    const latest = current();
    const base = latest === counters ? seen : { pathHits: 0, pathMisses: 0, signatureChecks: 0 };
    counters = latest;
    seen = { ...latest };
    return {
      pathHits: latest.pathHits - base.pathHits,
      pathMisses: latest.pathMisses - base.pathMisses,
      signatureChecks: latest.signatureChecks - base.signatureChecks,
    };
  };
}
