import { describe, expect, it } from 'vitest';
import { limits } from '../../src/x509/limits.ts';
import type { PathRequirements } from '../../src/x509/path.ts';
import { createPathVerifier, type PathVerifier } from '../../src/x509/path-verifier.ts';
import { toTrustBundle } from '../../src/x509/trust-bundle.ts';
import { extension, integer, sequence, time } from './der-writer.ts';
import {
  alternativeNames,
  authorityConstraints,
  entity,
  issue,
  NOW,
  parsed,
  type RawTemplate,
  YEAR,
} from './raw-certificate.ts';

const HOUR = 3600 * 1000;

const root = entity('root');
const middle = entity('middle');
const rootDer = issue(root, root, { extensions: [authorityConstraints()] });
const middleDer = issue(middle, root, { extensions: [authorityConstraints()] });
const bundle = toTrustBundle([parsed(rootDer)]);

function mintLeaf(commonName: string, template: RawTemplate = {}): Buffer {
  return issue(entity(commonName), middle, template);
}

const leafDer = mintLeaf('alice');

function requirements(more: Partial<PathRequirements> = {}): PathRequirements {
  return { anchors: bundle, at: NOW, maxSignatureChecks: 16, handledExtensions: new Set(), ...more };
}

/** Reads and verifies; gives the outcome, and what it cost. */
function run(verifier: PathVerifier, ders: readonly Buffer[], more: Partial<PathRequirements> = {}): string {
  const before = { ...verifier.counters };
  const result = verifier.readChain(ders);
  if (!result.ok) return result.error;
  const verdict = verifier.verify(result.chain, requirements(more));
  const outcome = verdict.kind === 'verified' ? 'verified' : verdict.refusal.code;
  const { certificatesParsed, signatureChecks, keyImports, pathHits } = verifier.counters;
  const costs = [
    `${certificatesParsed - before.certificatesParsed} parsed`,
    `${signatureChecks - before.signatureChecks} checked`,
    `${keyImports - before.keyImports} imported`,
    ...(pathHits > before.pathHits ? ['remembered'] : []),
  ];
  return `${outcome}: ${costs.join(', ')}`;
}

const FREE = 'verified: 0 parsed, 0 checked, 0 imported, remembered';

describe('a path verifier', () => {
  it('does no work for a chain that returns', () => {
    const verifier = createPathVerifier();
    expect(run(verifier, [leafDer, middleDer])).toBe('verified: 2 parsed, 2 checked, 2 imported');
    expect(run(verifier, [leafDer, middleDer])).toBe(FREE);
    expect(run(verifier, [Buffer.from(leafDer), Buffer.from(middleDer)])).toBe(FREE);
    expect(verifier.counters).toMatchObject({ pathHits: 2, pathMisses: 1 });
  });

  it('gives the same certificates again, with their imported keys', () => {
    const verifier = createPathVerifier();
    const read = (): unknown => {
      const result = verifier.readChain([leafDer, middleDer]);
      return result.ok ? result.chain[0] : result.error;
    };
    expect(read()).not.toBe(read());
    run(verifier, [leafDer, middleDer]);
    expect(read()).toBe(read());
  });

  it('checks one signature for a new leaf of a known intermediate', () => {
    const verifier = createPathVerifier();
    run(verifier, [leafDer, middleDer]);
    expect(run(verifier, [mintLeaf('bob'), middleDer])).toBe('verified: 1 parsed, 1 checked, 0 imported');
  });

  it('remembers a chain that includes its anchor', () => {
    const verifier = createPathVerifier();
    run(verifier, [leafDer, middleDer, rootDer]);
    expect(run(verifier, [leafDer, middleDer, rootDer])).toBe(FREE);
  });

  it('asks again for another order of the same certificates', () => {
    const verifier = createPathVerifier();
    run(verifier, [leafDer, middleDer, rootDer]);
    expect(run(verifier, [leafDer, rootDer, middleDer])).toBe('verified: 0 parsed, 0 checked, 0 imported');
    expect(run(verifier, [middleDer, leafDer])).toBe('verified: 0 parsed, 0 checked, 0 imported');
  });

  it.each([
    ['another octet in the leaf', [mintLeaf('alice'), middleDer]],
    ['no intermediate', [leafDer]],
    ['one certificate more', [leafDer, middleDer, rootDer]],
  ])('does not take one chain for another: %s', (_, ders) => {
    const verifier = createPathVerifier();
    run(verifier, [leafDer, middleDer]);
    expect(run(verifier, ders)).not.toMatch(/remembered/);
  });

  it('asks again for other anchors, with the same answer as ever', () => {
    const verifier = createPathVerifier();
    run(verifier, [leafDer, middleDer]);
    const stranger = entity('root');
    const strangers = toTrustBundle([
      parsed(issue(stranger, stranger, { extensions: [authorityConstraints()] })),
    ]);
    expect(run(verifier, [leafDer, middleDer], { anchors: strangers })).toBe(
      'path/unknown-authority: 0 parsed, 1 checked, 1 imported',
    );
    const same = toTrustBundle([parsed(rootDer)]);
    expect(run(verifier, [leafDer, middleDer], { anchors: same })).toBe(FREE);
  });

  it('asks again for other handled extensions and another limit', () => {
    const verifier = createPathVerifier();
    const critical = extension('1.2.3', Buffer.of(5, 0), 'critical');
    const der = mintLeaf('alice', { extensions: [critical] });
    const handled = { handledExtensions: new Set(['1.2.3']) };
    run(verifier, [der, middleDer], handled);
    expect(run(verifier, [der, middleDer], { handledExtensions: new Set(['1.2.3']) })).toBe(FREE);
    expect(run(verifier, [der, middleDer])).toMatch(/^path\/unhandled-critical-extension/);
    expect(run(verifier, [der, middleDer], { ...handled, maxSignatureChecks: 1 })).toMatch(
      /^path\/signature-limit/,
    );
  });
});

describe('what a path verifier remembers', () => {
  const validity = sequence(time(NOW - HOUR), time(NOW + HOUR));

  it.each([
    ['the leaf ends', [mintLeaf('alice', { validity }), middleDer], NOW + HOUR, 'path/expired'],
    ['the leaf begins', [mintLeaf('alice', { validity }), middleDer], NOW - HOUR, 'path/not-yet-valid'],
    [
      'an intermediate ends',
      [leafDer, issue(middle, root, { validity, extensions: [authorityConstraints()] })],
      NOW + HOUR,
      'path/expired',
    ],
  ])('holds until the last instant at which %s', (_, ders, edge, code) => {
    const verifier = createPathVerifier();
    run(verifier, ders);
    expect(run(verifier, ders, { at: edge })).toBe(FREE);
    const beyond = edge > NOW ? edge + 0.001 : edge - 0.001;
    expect(run(verifier, ders, { at: beyond })).toBe(`${code}: 0 parsed, 0 checked, 0 imported`);
  });

  it('holds no longer than the anchor', () => {
    const anchors = toTrustBundle([
      parsed(issue(root, root, { validity, extensions: [authorityConstraints()] })),
    ]);
    const verifier = createPathVerifier();
    run(verifier, [leafDer, middleDer], { anchors });
    expect(run(verifier, [leafDer, middleDer], { anchors, at: NOW + 2 * HOUR })).toMatch(/^path\/expired/);
  });

  it('gives way to a path that another certificate makes later', () => {
    const later = sequence(time(NOW + HOUR), time(NOW + YEAR));
    const soon = issue(middle, root, {
      serialNumber: integer(9n),
      validity: later,
      extensions: [authorityConstraints()],
    });
    const anchors = toTrustBundle([parsed(rootDer), parsed(soon)]);
    const verifier = createPathVerifier();
    const paths = (at: number): number => {
      const result = verifier.readChain([leafDer, middleDer]);
      const verdict = result.ok ? verifier.verify(result.chain, requirements({ anchors, at })) : undefined;
      return verdict?.kind === 'verified' ? verdict.paths.length : 0;
    };
    expect([paths(NOW), paths(NOW), paths(NOW + 2 * HOUR)]).toEqual([1, 1, 2]);
  });

  it('is not taken for the answer at a time when an anchor was valid that has ended', () => {
    const past = sequence(time(NOW - YEAR), time(NOW - HOUR));
    const ended = issue(middle, root, {
      serialNumber: integer(9n),
      validity: past,
      extensions: [authorityConstraints()],
    });
    const anchors = toTrustBundle([parsed(rootDer), parsed(ended)]);
    const verifier = createPathVerifier();
    run(verifier, [leafDer, middleDer], { anchors });
    expect(run(verifier, [leafDer, middleDer], { anchors })).toBe(FREE);
    expect(run(verifier, [leafDer, middleDer], { anchors, at: NOW - HOUR })).toBe(
      'verified: 0 parsed, 0 checked, 0 imported',
    );
  });

  it('is nothing that was refused', () => {
    const verifier = createPathVerifier();
    const expired = mintLeaf('alice', { validity: sequence(time(NOW - 2 * HOUR), time(NOW - HOUR)) });
    expect(run(verifier, [expired, middleDer])).toBe('path/expired: 2 parsed, 0 checked, 0 imported');
    expect(run(verifier, [expired, middleDer])).toBe('path/expired: 2 parsed, 0 checked, 0 imported');
  });

  it('is nothing that a stranger can add to a chain that verifies', () => {
    const verifier = createPathVerifier();
    const junk = issue(entity('junk'), entity('nobody'));
    expect(run(verifier, [leafDer, middleDer, junk])).toBe('verified: 3 parsed, 2 checked, 2 imported');
    expect(run(verifier, [leafDer, middleDer, junk])).toBe('verified: 1 parsed, 0 checked, 0 imported');
    expect(run(verifier, [leafDer, middleDer])).toBe('verified: 0 parsed, 0 checked, 0 imported');
  });

  it('is nothing larger than certificates in use are', () => {
    const verifier = createPathVerifier();
    const names = Array.from({ length: 600 }, (_, index) => [2, `host${index}.example`] as const);
    const large = mintLeaf('alice', { extensions: [alternativeNames(...names)] });
    run(verifier, [large, middleDer]);
    expect(run(verifier, [large, middleDer])).toBe('verified: 1 parsed, 1 checked, 0 imported');
  });

  it('is bounded: the leaf that was not seen the longest goes, the authorities stay', () => {
    const verifier = createPathVerifier({ leaves: 2, authorities: 1, presentedCertificates: 16 });
    const [bob, carol] = [mintLeaf('bob'), mintLeaf('carol')];
    run(verifier, [leafDer, middleDer]);
    run(verifier, [bob, middleDer]);
    expect(run(verifier, [leafDer, middleDer])).toBe(FREE);
    run(verifier, [carol, middleDer]);
    expect(run(verifier, [leafDer, middleDer])).toBe(FREE);
    expect(run(verifier, [bob, middleDer])).toBe('verified: 1 parsed, 1 checked, 0 imported');
  });
});

describe('a presented chain', () => {
  it('is refused with one that does not parse, wherever it stands', () => {
    expect(createPathVerifier().readChain([leafDer, Buffer.of(1)])).toEqual({
      ok: false,
      index: 1,
      error: 'x509: malformed certificate',
    });
  });

  it('is refused without a word of whose it is', () => {
    const leaf = mintLeaf('zuzanna', {
      extensions: [alternativeNames([0x86, 'spiffe://example.org:zuzanna/zuzanna'])],
    });
    expect(createPathVerifier().readChain([leaf, middleDer])).toEqual({
      ok: false,
      index: 0,
      error: 'x509: cannot parse URI',
    });
  });

  it('is refused beyond a number of certificates that no real one has', () => {
    const many = Array.from({ length: 100_000 }, () => middleDer);
    expect(createPathVerifier().readChain([leafDer, ...many])).toEqual({
      ok: false,
      index: limits.presentedCertificates,
      error: 'x509: more than 16 certificates presented',
    });
  });

  it('is refused beyond the octets that kube-apiserver would take', () => {
    const large = Buffer.alloc(limits.presentedBytes / 2 + 1);
    expect(createPathVerifier().readChain([large, large])).toMatchObject({
      index: 1,
      error: 'x509: more than 262144 bytes of certificates presented',
    });
  });
});
