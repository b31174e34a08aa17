import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equal } from '../../../src/cel/equality.ts';
import { CelError } from '../../../src/cel/error.ts';
import { parseIpAddress } from '../../../src/cel/library/ip-address.ts';
import { parseIpNetwork } from '../../../src/cel/library/ip-network.ts';
import { NAMED_FORMATS } from '../../../src/cel/library/named-format.ts';
import { parseQuantityValue } from '../../../src/cel/library/quantity-value.ts';
import { compileRegex } from '../../../src/cel/library/regular-expression.ts';
import { parseSemver } from '../../../src/cel/library/semver-version.ts';
import { replace, split } from '../../../src/cel/library/string-slices.ts';
import { parseUrlValue } from '../../../src/cel/library/url-value.ts';
import { WorkLimit } from '../../../src/cel/library/work-limit.ts';
import { libraryOverloads } from '../../../src/cel/library.ts';
import { type Type, formatType } from '../../../src/cel/type.ts';
import {
  CelMap,
  type CelResult,
  type CelValue,
  Duration,
  OpaqueValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from '../../../src/cel/value.ts';

/** Texts that some function reads as more than characters. */
const TELLING = [
  '',
  '-1',
  '1e3',
  '0x1p-2',
  '1.5Gi',
  '1e2000000000',
  '-5m',
  '1.2.3-rc.1+b',
  'v01.2',
  '10.0.0.1',
  '::1',
  'fe80::1%e',
  '10.0.0.0/8',
  '2001:db8::/33',
  'https://u:p@[::1]:80/a%2Fb?k=v#f',
  '//h',
  '1h-3m',
  '1.5s',
  '2020-02-29T23:59:59.9+05:30',
  'Europe/Paris',
  '-05:30',
  ':',
  '%s%.3f%e%x',
  '%',
  '%.',
  '(a|b)*c?',
  '[^',
  'x{1000}',
  '😀é\u0000',
  ' \u00a0',
  'uuid',
  't',
];

const text = fc.oneof(
  fc.constantFrom(...TELLING),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ maxLength: 12 }),
);
const int = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -3n, max: 20n }),
);
const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });

function values(parse: (text: string) => CelValue | CelError): fc.Arbitrary<CelValue> {
  return text.map(parse).filter((value): value is CelValue => !(value instanceof CelError));
}

const byName: Readonly<Record<string, fc.Arbitrary<CelValue>>> = {
  string: text,
  int,
  uint: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => new Uint(value)),
  double: fc.double(),
  bool: fc.boolean(),
  bytes: fc.uint8Array({ maxLength: 8 }),
  'google.protobuf.Duration': int.map((nanos) => new Duration(nanos)),
  'google.protobuf.Timestamp': fc
    .tuple(seconds, fc.integer({ min: 0, max: 999_999_999 }))
    .map(([whole, nanos]) => new Timestamp(whole, nanos)),
  'net.IP': values(parseIpAddress),
  'net.CIDR': values(parseIpNetwork),
  'kubernetes.URL': values(parseUrlValue),
  'kubernetes.Quantity': values(parseQuantityValue),
  'kubernetes.Semver': values(parseSemver),
  'kubernetes.NamedFormat': fc.constantFrom(...NAMED_FORMATS.values()),
};

const anything: fc.Arbitrary<CelValue> = fc.oneof(...Object.values(byName), fc.constant(null));

/** A value of the type; any for a type parameter. */
function arbitrary(type: Type): fc.Arbitrary<CelValue> {
  const [first, second] = type.parameters;
  if (type.kind === 'list' && first !== undefined) return fc.array(arbitrary(first), { maxLength: 5 });
  if (type.kind === 'map' && second !== undefined) return fc.constant(CelMap.empty);
  return byName[type.name] ?? anything;
}

function isCelValue(value: CelResult): boolean {
  if (value === null || ['boolean', 'bigint', 'string', 'number'].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every((element) => isCelValue(element as CelValue));
  return [Uint, Uint8Array, CelMap, Timestamp, Duration, Optional, TypeValue, OpaqueValue, CelError].some(
    (type) => value instanceof type,
  );
}

const callable = libraryOverloads.filter(({ id }) => !/^(?:authorizer|.*check|decision)_/.test(id));

describe('every function', () => {
  it.each(
    callable.map(
      (overload) =>
        [`${overload.name}(${overload.parameters.map(formatType).join(', ')})`, overload] as const,
    ),
  )('%s gives a value or an error, at a cost that is a number', (_, overload) => {
    fc.assert(
      fc.property(fc.tuple(...overload.parameters.map(arbitrary)), (args) => {
        const result = overload.evaluate(...args);
        expect(isCelValue(result)).toBe(true);
        const costs = [args, args.map(() => new CelError('x'))].map(
          (given) => overload.cost?.(given, result) ?? 1,
        );
        expect(costs.every((cost) => cost >= 0 && Number.isInteger(cost))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
  it('is declared once', () => {
    const ids = libraryOverloads.map(({ id, name }) => `${name} ${id}`);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('what is read from its own text is equal', () => {
  const parsers: readonly (readonly [string, (text: string) => CelValue | CelError])[] = [
    ['an address', parseIpAddress],
    ['a network', parseIpNetwork],
    ['a quantity', parseQuantityValue],
    ['a version', parseSemver],
    ['a URL', parseUrlValue],
  ];
  it.each(parsers)('%s', (_, parse) => {
    fc.assert(
      fc.property(text, (written) => {
        const value = parse(written);
        if (value instanceof CelError || value instanceof WorkLimit) return;
        expect(equal(value, parse(String(value)) as CelValue)).toBe(true);
      }),
    );
  });
});

describe('texts', () => {
  it('are joined again as they were split', () => {
    fc.assert(
      fc.property(text, text, (whole, separator) => {
        expect(split(whole, separator, -1n).join(separator)).toBe(whole);
      }),
    );
  });
  it('are what they were when what was replaced is replaced back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (whole) => {
        expect(replace(replace(whole, ['a', '\u{1f600}'], -1n) as string, ['\u{1f600}', 'a'], -1n)).toBe(
          whole,
        );
      }),
    );
  });
  it('contain every match that is found in them', () => {
    fc.assert(
      fc.property(text, text, (pattern, searched) => {
        const regex = compileRegex(pattern);
        if (regex instanceof CelError) return;
        const matches = regex.findAll(searched, -1n);
        if (matches instanceof WorkLimit) return;
        expect(matches.length > 0).toBe(regex.test(searched));
        expect(matches.every((match) => searched.includes(match))).toBe(true);
      }),
    );
  });
});
