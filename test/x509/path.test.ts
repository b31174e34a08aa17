import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/x509/certificate.ts';
import {
  issuingCertificate,
  type PathRequirements,
  type PathVerdict,
  verifyPath,
} from '../../src/x509/path.ts';
import { describePathRefusal } from '../../src/x509/path-refusal.ts';
import { toTrustBundle } from '../../src/x509/trust-bundle.ts';
import {
  bitString,
  element,
  explicit,
  extension,
  integer,
  objectIdentifier,
  sequence,
  time,
} from './der-writer.ts';
import {
  alternativeNames,
  authorityConstraints,
  authorityKeyId,
  type Entity,
  entity,
  extendedKeyUsage,
  issue,
  keyUsage,
  NOW,
  nameConstraints,
  parsed,
  type RawTemplate,
  subjectKeyId,
  YEAR,
} from './raw-certificate.ts';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_USAGE = '2.5.29.37.0';
const CA = authorityConstraints();

const root = entity('root');
const middle = entity('middle');
const leaf = entity('leaf');

function mint(subject: Entity, issuer: Entity, ...extensions: readonly Buffer[]): Certificate {
  return parsed(issue(subject, issuer, { extensions }));
}

function mintWith(subject: Entity, issuer: Entity, template: RawTemplate): Certificate {
  return parsed(issue(subject, issuer, template));
}

const rootCertificate = mint(root, root, CA);
const middleCertificate = mint(middle, root, CA);

function verify(
  chain: readonly Certificate[],
  anchors: readonly Certificate[] = [rootCertificate],
  requirements: Partial<PathRequirements> = {},
): PathVerdict {
  return verifyPath(chain, {
    anchors: toTrustBundle(anchors),
    at: NOW,
    maxSignatureChecks: 100,
    handledExtensions: new Set(),
    ...requirements,
  });
}

/** Why a chain is refused, in Go's words, or `verified` with the number of paths. */
function outcome(verdict: PathVerdict): string {
  return verdict.kind === 'refused'
    ? describePathRefusal(verdict.refusal)
    : `verified ${verdict.paths.length}`;
}

function code(verdict: PathVerdict): string {
  return verdict.kind === 'refused' ? verdict.refusal.code : 'verified';
}

describe('a path', () => {
  it('leads from the leaf over intermediates to an anchor', () => {
    const end = mint(leaf, middle, extendedKeyUsage(CLIENT_AUTH));
    const verdict = verify([end, middleCertificate]);
    if (verdict.kind === 'refused') throw new Error(outcome(verdict));
    expect(verdict.paths.map(({ certificates }) => certificates)).toEqual([
      [end, middleCertificate, rootCertificate],
    ]);
    expect(issuingCertificate(verdict.paths[0])).toBe(middleCertificate);
  });

  it('is found whatever the order, with duplicates and strangers among them', () => {
    const lower = entity('lower');
    const lowerCertificate = mint(lower, middle, CA);
    const stranger = mint(entity('x'), entity('y'), CA);
    const end = mint(leaf, lower);
    expect(
      outcome(
        verify([end, stranger, middleCertificate, lowerCertificate, lowerCertificate, rootCertificate]),
      ),
    ).toBe('verified 1');
  });

  it('needs every certificate between', () => {
    expect(outcome(verify([mint(leaf, middle)]))).toBe('x509: certificate signed by unknown authority');
  });

  it('may end in an anchor that is no self-signed certificate', () => {
    expect(outcome(verify([mint(leaf, middle)], [middleCertificate]))).toBe('verified 1');
  });

  it('may be one anchor alone, whatever it could issue and whoever signed it', () => {
    const pinned = mintWith(leaf, entity('nobody'), { signature: bitString(Buffer.of(1)) });
    const verdict = verify([pinned], [pinned]);
    expect(outcome(verdict)).toBe('verified 1');
    expect(verdict.kind === 'verified' && issuingCertificate(verdict.paths[0])).toBeUndefined();
  });

  it('is a proof that nothing changes', () => {
    const verdict = verify([rootCertificate]);
    expect(verdict.kind === 'verified' && Object.isFrozen(verdict.paths[0].certificates)).toBe(true);
  });
});

describe('names', () => {
  it('are compared octet by octet', () => {
    const printable: Entity = {
      ...root,
      name: sequence(
        element(0x31, sequence(objectIdentifier('2.5.4.3'), element(0x13, Buffer.from('root')))),
      ),
    };
    expect(code(verify([mintWith(leaf, root, { issuer: printable.name })]))).toBe('path/unknown-authority');
    const upper = entity('ROOT');
    expect(code(verify([mintWith(leaf, root, { issuer: upper.name })]))).toBe('path/unknown-authority');
  });
});

describe('a signature', () => {
  it('must be genuine', () => {
    const impostor: Entity = { ...entity('root'), name: root.name };
    expect(outcome(verify([mint(leaf, impostor)]))).toBe(
      'x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "root")',
    );
  });

  it('must be genuine on every certificate of the path', () => {
    const forged = mintWith(middle, { ...entity('root'), name: root.name }, { extensions: [CA] });
    expect(outcome(verify([mint(leaf, middle), forged]))).toMatch(/ECDSA verification failure/);
  });

  it.each([
    ['says that it is no authority', [extension('2.5.29.19', sequence())]],
    ['does not say that it is one', []],
    ['may sign, but no certificates', [CA, keyUsage(0x82)]],
  ])('is none by an anchor that %s', (_, extensions) => {
    expect(outcome(verify([mint(leaf, root)], [mint(root, root, ...extensions)]))).toMatch(
      /parent certificate cannot sign this kind of certificate/,
    );
  });

  it.each([
    ['may sign certificates', [CA, keyUsage(0x04)]],
    ['has a key usage without a bit', [CA, extension('2.5.29.15', element(0x03, Buffer.of(0)))]],
  ])('may be by an anchor that %s', (_, extensions) => {
    expect(outcome(verify([mint(leaf, root)], [mint(root, root, ...extensions)]))).toBe('verified 1');
  });

  it('may be by an anchor of version 1, which cannot say what it is, and by no such intermediate', () => {
    const version = explicit(0, integer(0n));
    expect(outcome(verify([mint(leaf, root)], [mintWith(root, root, { version })]))).toBe('verified 1');
    expect(outcome(verify([mint(leaf, middle), mintWith(middle, root, { version })]))).toBe(
      'x509: certificate is not authorized to sign other certificates',
    );
  });

  it('is none by a key that nobody knows, which is not even a candidate', () => {
    const spki = sequence(sequence(objectIdentifier('1.2.3')), bitString(Buffer.of(1)));
    const anchor = mintWith(root, root, { spki, extensions: [CA] });
    expect(outcome(verify([mint(leaf, root)], [anchor]))).toBe(
      'x509: certificate signed by unknown authority',
    );
  });
});

describe('validity', () => {
  const second = 1000;
  const bounded = mintWith(leaf, root, { validity: sequence(time(NOW - second), time(NOW + second)) });

  it.each([
    ['at its first instant', NOW - second, 'verified'],
    ['at its last', NOW + second, 'verified'],
    ['a thousandth of a second before', NOW - second - 1, 'path/not-yet-valid'],
    ['a fraction of a thousandth before', NOW - second - 0.001, 'path/not-yet-valid'],
    ['a fraction of a thousandth after', NOW + second + 0.001, 'path/expired'],
    ['half a second after', NOW + 1.5 * second, 'path/expired'],
  ])('of the leaf: %s', (_, at, expected) => {
    expect(code(verify([bounded], [rootCertificate], { at }))).toBe(expected);
  });

  it('is said in whole seconds', () => {
    expect(outcome(verify([bounded], [rootCertificate], { at: NOW + 1999.5 }))).toBe(
      'x509: certificate has expired or is not yet valid: current time 2026-06-15T12:00:01Z is after 2026-06-15T12:00:01Z',
    );
    expect(outcome(verify([bounded], [rootCertificate], { at: NOW - 60 * second }))).toBe(
      'x509: certificate has expired or is not yet valid: current time 2026-06-15T11:59:00Z is before 2026-06-15T11:59:59Z',
    );
  });

  const past = sequence(time(NOW - 2 * YEAR), time(NOW - second));

  it('of intermediates and anchors counts, too', () => {
    const expired = mintWith(middle, root, { validity: past, extensions: [CA] });
    expect(code(verify([mint(leaf, middle), expired]))).toBe('path/expired');
    expect(
      code(verify([mint(leaf, root)], [mintWith(root, root, { validity: past, extensions: [CA] })])),
    ).toBe('path/expired');
  });

  it('of a leaf that is an anchor counts', () => {
    const pinned = mintWith(leaf, leaf, { validity: past });
    expect(code(verify([pinned], [pinned]))).toBe('path/expired');
  });
});

describe('critical extensions that nobody handles', () => {
  const unknown = extension('1.2.3', Buffer.of(5, 0), 'critical');

  it.each([
    ['the leaf', [mint(leaf, root, unknown)], [rootCertificate]],
    ['an intermediate', [mint(leaf, middle), mint(middle, root, CA, unknown)], [rootCertificate]],
    ['the anchor', [mint(leaf, root)], [mint(root, root, CA, unknown)]],
  ])('are refused on %s', (_, chain, anchors) => {
    expect(outcome(verify(chain, anchors))).toBe('x509: unhandled critical extension');
  });

  it('are handled by nobody on an authority', () => {
    const handled = { handledExtensions: new Set(['1.2.3']) };
    const chain = [mint(leaf, middle), mint(middle, root, CA, unknown)];
    expect(code(verify(chain, [rootCertificate], handled))).toBe('path/unhandled-critical-extension');
  });

  it('are handled by who says so', () => {
    const chain = [mint(leaf, root, unknown)];
    expect(code(verify(chain, [rootCertificate], { handledExtensions: new Set(['1.2.3']) }))).toBe(
      'verified',
    );
    const two = [mint(leaf, root, unknown, extension('1.2.4', Buffer.of(5, 0), 'critical'))];
    expect(verify(two, [rootCertificate], { handledExtensions: new Set(['1.2.3']) })).toMatchObject({
      refusal: { code: 'path/unhandled-critical-extension', extensions: ['1.2.4'] },
    });
  });
});

describe('a path length', () => {
  const lower = entity('lower');

  it.each([
    ['0 and none between', [mint(leaf, middle), mint(middle, root, authorityConstraints(0n))], 'verified'],
    [
      '0 and one between',
      [mint(leaf, lower), mint(lower, middle, CA), mint(middle, root, authorityConstraints(0n))],
      'path/too-long',
    ],
    [
      '1 and one between',
      [mint(leaf, lower), mint(lower, middle, CA), mint(middle, root, authorityConstraints(1n))],
      'verified',
    ],
    [
      '0 and a self-issued one between',
      [
        mint(leaf, middle),
        mint(middle, middle, CA, keyUsage(0x04)),
        mint(middle, root, authorityConstraints(0n)),
      ],
      'verified',
    ],
  ])('of an intermediate: %s', (_, chain, expected) => {
    expect(code(verify(chain))).toBe(expected);
  });

  it('counts self-issued certificates, unlike RFC 5280', () => {
    const renewed = entity('middle');
    const chain = [
      mint(leaf, renewed),
      mint(renewed, middle, CA),
      mint(middle, root, authorityConstraints(0n)),
    ];
    expect(code(verify(chain))).toBe('path/too-long');
  });

  it('of an anchor is held to, too', () => {
    const anchor = mint(root, root, authorityConstraints(0n));
    expect(code(verify([mint(leaf, root)], [anchor]))).toBe('verified');
    expect(outcome(verify([mint(leaf, middle), middleCertificate], [anchor]))).toBe(
      'x509: too many intermediates for path length constraint',
    );
  });

  it('counts where the certificate is no authority', () => {
    const end = mint(leaf, root, extension('2.5.29.19', sequence(integer(0n))));
    expect(code(verify([end]))).toBe('verified');
  });
});

describe('extended key usage', () => {
  it.each([
    ['clientAuth', extendedKeyUsage(CLIENT_AUTH), 'verified'],
    ['clientAuth among others', extendedKeyUsage(SERVER_AUTH, CLIENT_AUTH), 'verified'],
    ['any', extendedKeyUsage(ANY_USAGE), 'verified'],
    ['an empty list', extendedKeyUsage(), 'verified'],
    ['serverAuth', extendedKeyUsage(SERVER_AUTH), 'path/key-usage'],
    ['an unknown one', extendedKeyUsage('1.2.3'), 'path/key-usage'],
  ])('of the leaf, an intermediate, and the anchor: %s', (_, usage, expected) => {
    expect(code(verify([mint(leaf, root, usage)]))).toBe(expected);
    expect(code(verify([mint(leaf, middle), mint(middle, root, CA, usage)]))).toBe(expected);
    expect(code(verify([mint(leaf, root)], [mint(root, root, CA, usage)]))).toBe(expected);
    const pinned = mint(leaf, leaf, usage);
    expect(code(verify([pinned], [pinned]))).toBe(expected);
  });

  it('on one of two paths is enough', () => {
    const forServers = mint(middle, root, CA, extendedKeyUsage(SERVER_AUTH));
    expect(outcome(verify([mint(leaf, middle), forServers, middleCertificate]))).toBe('verified 1');
  });
});

describe('of several candidates', () => {
  const other: Entity = { ...entity('root'), name: root.name };
  const otherCertificate = mint(other, other, CA);

  it('with the same name the one with the right key is found, first or last', () => {
    const chain = [mint(leaf, root)];
    expect(outcome(verify(chain, [otherCertificate, rootCertificate]))).toBe('verified 1');
    expect(outcome(verify(chain, [rootCertificate, otherCertificate]))).toBe('verified 1');
  });

  it('those that are cross-signed give a path each, those over intermediates last', () => {
    const second = entity('second');
    const secondCertificate = mint(second, second, CA);
    const crossSigned = mint(root, second, CA);
    const verdict = verify([mint(leaf, root), crossSigned], [rootCertificate, secondCertificate]);
    if (verdict.kind === 'refused') throw new Error(outcome(verdict));
    expect(verdict.paths.map(({ certificates }) => certificates.length)).toEqual([2, 3]);
  });

  it('an expired one does not hide a valid one', () => {
    const expired = mintWith(middle, root, {
      serialNumber: integer(8n),
      validity: sequence(time(NOW - 2 * YEAR), time(NOW - YEAR)),
      extensions: [CA],
    });
    expect(outcome(verify([mint(leaf, middle), expired, middleCertificate]))).toBe('verified 1');
  });

  it('the search comes back from one that leads nowhere', () => {
    const nowhere = mint(middle, entity('nowhere'), CA);
    expect(outcome(verify([mint(leaf, middle), nowhere, middleCertificate]))).toBe('verified 1');
  });

  it('the key identifier puts the likeliest first and excludes none', () => {
    const [right, wrong] = [Buffer.of(1), Buffer.of(2)];
    const end = mint(leaf, root, authorityKeyId(right));
    const matching = mint(root, root, CA, subjectKeyId(right));
    const silent = mint(root, root, CA);
    const mismatching = mint(root, root, CA, subjectKeyId(wrong));
    const verdict = verify([end], [mismatching, silent, matching]);
    if (verdict.kind === 'refused') throw new Error(outcome(verdict));
    expect(verdict.paths.map(({ certificates }) => certificates[1])).toEqual([matching, silent, mismatching]);
    expect(code(verify([end], [mismatching]))).toBe('verified');
  });
});

describe('a maze', () => {
  it('of authorities that sign each other is left', () => {
    const [one, two] = [entity('one'), entity('two')];
    const maze = [mint(one, two, CA), mint(two, one, CA)];
    expect(outcome(verify([mint(leaf, one), ...maze]))).toBe('x509: certificate signed by unknown authority');
    expect(outcome(verify([mint(leaf, one), ...maze, mint(two, root, CA)]))).toBe('verified 1');
  });

  it('of authorities that all sign each other costs no more than the limit', () => {
    const authorities = Array.from({ length: 8 }, (_, index) => entity(`ca${index}`));
    const maze = authorities.flatMap((subject) =>
      authorities.filter((issuer) => issuer !== subject).map((issuer) => mint(subject, issuer, CA)),
    );
    const first = authorities[0] ?? root;
    expect(code(verify([mint(leaf, first), ...maze]))).toBe('path/signature-limit');
  });

  it('never holds the same entity twice, but one of the same key with other names', () => {
    const self = mint(middle, middle, CA);
    expect(outcome(verify([mint(leaf, middle), self, middleCertificate]))).toBe('verified 1');
    const named = mint(middle, middle, CA, alternativeNames([2, 'a.example']));
    const alsoNamed = mint(middle, middle, CA, alternativeNames([2, 'b.example']));
    expect(outcome(verify([mint(leaf, middle), named, alsoNamed]))).toBe(
      'x509: certificate signed by unknown authority',
    );
  });
});

describe('the limit of signature checks', () => {
  const impostors = Array.from({ length: 99 }, () =>
    mint({ ...entity('middle'), name: middle.name }, root, CA),
  );
  const end = mint(leaf, middle);

  it('lets the last allowed check find the path', () => {
    expect(outcome(verify([end, ...impostors.slice(1), middleCertificate]))).toBe('verified 1');
  });

  it('refuses even a sound path that needs one more', () => {
    expect(outcome(verify([end, ...impostors, middleCertificate]))).toBe(
      'x509: signature check attempts limit reached while verifying certificate chain',
    );
  });

  it("is the caller's", () => {
    const chain = [end, ...impostors.slice(0, 14), middleCertificate];
    expect(code(verify(chain, [rootCertificate], { maxSignatureChecks: 16 }))).toBe('verified');
    expect(code(verify(chain, [rootCertificate], { maxSignatureChecks: 15 }))).toBe('path/signature-limit');
  });

  it('keeps what was found before it was reached', () => {
    const rivals = Array.from({ length: 200 }, (_, index) =>
      mintWith(root, root, { serialNumber: integer(BigInt(index + 1)), extensions: [CA] }),
    );
    expect(outcome(verify([mint(leaf, root)], rivals))).toBe('verified 100');
  });

  it('counts a pair of certificates on every path, and verifies it once', () => {
    let checks = 0;
    const anchors = toTrustBundle([rootCertificate]);
    const requirements = { anchors, at: NOW, maxSignatureChecks: 100, handledExtensions: new Set<string>() };
    verifyPath([end, middleCertificate], requirements, () => {
      checks += 1;
      return { ok: true };
    });
    expect(checks).toBe(2);
  });

  it('is no limit to a deep path that is straight', () => {
    const entities = Array.from({ length: 60 }, (_, index) => entity(`ca${index}`));
    const chain = entities.map((subject, index) => mint(subject, entities[index + 1] ?? root, CA));
    expect(outcome(verify([mint(leaf, entities[0] ?? root), ...chain]))).toBe('verified 1');
  });
});

describe('the reason for a refusal', () => {
  const expiredMiddle = mintWith(middle, root, {
    validity: sequence(time(NOW - 2 * YEAR), time(NOW - YEAR)),
    extensions: [CA],
  });

  it('is the most specific one, not the last', () => {
    const nowhere = mint(middle, entity('nowhere'), CA);
    const forger = mint({ ...entity('middle'), name: middle.name }, root, CA);
    expect(code(verify([mint(leaf, middle), expiredMiddle, nowhere, forger]))).toBe('path/expired');
  });

  it('is that of the branch that led further', () => {
    const lower = entity('lower');
    const forger = mint({ ...entity('lower'), name: lower.name }, root, CA);
    expect(outcome(verify([mint(leaf, lower), forger, mint(lower, middle, CA)]))).toBe(
      'x509: certificate signed by unknown authority',
    );
  });

  it('names the authority by its organization or serial number where it has no common name', () => {
    const anonymous = { ...root, name: sequence() };
    const refusal = outcome(
      verify([mintWith(leaf, entity('x'), { issuer: sequence() })], [mint(anonymous, anonymous, CA)]),
    );
    expect(refusal).toMatch(/candidate authority certificate "serial:7"\)$/);
  });

  it("is the leaf's own before any other", () => {
    const expired = mintWith(leaf, entity('x'), {
      validity: sequence(time(NOW - 2 * YEAR), time(NOW - YEAR)),
    });
    expect(code(verify([expired]))).toBe('path/expired');
  });

  it('is a name, then a usage, then a policy where whole paths are refused', () => {
    const demanding = extension('2.5.29.36', sequence(element(0x80, Buffer.of(0))));
    const names = alternativeNames([2, 'other.org']);
    const constrained = mint(middle, root, CA, nameConstraints([[2, 'example.com']]));
    const forServers = mint(middle, root, CA, extendedKeyUsage(SERVER_AUTH));
    const withPolicies = mint(middle, root, CA, demanding);
    const end = mint(leaf, middle, names);
    expect(outcome(verify([end, withPolicies]))).toBe(
      'x509: no valid chains built: 1 candidate chains with invalid policies',
    );
    expect(outcome(verify([end, withPolicies, forServers]))).toBe(
      'x509: no valid chains built: 1 candidate chains with incompatible key usage, 1 candidate chains with invalid policies',
    );
    expect(outcome(verify([end, withPolicies, forServers, constrained]))).toBe(
      'x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "other.org" is not permitted by any constraint',
    );
    expect(outcome(verify([end, withPolicies, forServers, constrained, middleCertificate]))).toBe(
      'verified 1',
    );
  });
});
