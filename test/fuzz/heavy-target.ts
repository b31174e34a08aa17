import type { Certificate } from '../../src/x509/certificate.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import {
  element,
  explicit,
  extension,
  integer,
  objectIdentifier,
  sequence,
  time,
  utf8String,
} from '../x509/der-writer.ts';
import { type Corpus, ecdsaWithSha256, NOW, type Sample, signAgain } from './corpus.ts';
import type { Random } from './random.ts';
import type { Target } from './target.ts';
import { verifyChain } from './verify-chain.ts';

const DAY = 24 * 3600 * 1000;
const ClientAuth = sequence(objectIdentifier('1.3.6.1.5.5.7.3.2'));

/** More than a certificate may have of anything, and more octets than it may have of everything. */
const MAX_COUNT = 5000;
const MAX_OCTETS = 140_000;

/** Makes a GeneralName (RFC 5280 §4.2.1.6), or a constraint on one. */
type NameMaker = (random: Random) => Buffer;

const KINDS: readonly { readonly name: NameMaker; readonly constraint: NameMaker }[] = [
  { name: (random) => text(0x82, labels(random)), constraint: (random) => text(0x82, labels(random)) },
  {
    name: (random) => text(0x81, `${label(random)}@${labels(random)}`),
    constraint: (random) =>
      text(0x81, random.oneIn(2) ? labels(random) : `${label(random)}@${labels(random)}`),
  },
  {
    name: (random) => text(0x86, `https://${labels(random)}/${'%41'.repeat(random.below(9))}`),
    constraint: (random) => text(0x86, labels(random)),
  },
  {
    name: (random) => element(0x87, random.bytes(4)),
    constraint: (random) => element(0x87, random.bytes(4), maskOf(random.below(33))),
  },
];

/** Certificates as large as they may be, and larger: names under constraints, extensions, attributes in any number. */
export function heavyTarget({ root, authorities, leaves }: Corpus): Target {
  const [authority = root] = authorities;
  const [leaf = root] = leaves;
  return {
    name: 'heavy',
    generate(random) {
      const { name, constraint } = random.pick(KINDS);
      const subtrees = (tag: number): Buffer =>
        element(tag, ...many(random, () => sequence(constraint(random))));
      const names = extension('2.5.29.17', sequence(...many(random, () => name(random))));
      const constraints = extension('2.5.29.30', sequence(subtrees(0xa0), subtrees(0xa1)), 'critical');
      const unknown = many(random, (index) => extension(`1.3.6.1.4.1.${index}`, Buffer.alloc(0)));
      const subject = many(random, () =>
        element(0x31, sequence(objectIdentifier('2.5.4.10'), utf8String('x'))),
      );
      return [
        root.der,
        random.oneIn(2)
          ? enlarge(leaf, authority, { extensions: [names] })
          : enlarge(leaf, authority, { extensions: [names, ...unknown], subject: sequence(...subject) }),
        enlarge(authority, root, { extensions: [constraints] }),
      ];
    },
    run: verifyChain,
  };
}

interface Burden {
  readonly extensions: readonly Buffer[];
  readonly subject?: Buffer;
}

/** A certificate of the same issuer, key and, if no other is given, subject, with these extensions beside the usual ones. */
function enlarge(sample: Sample, issuer: Sample, { extensions, subject }: Burden): Buffer {
  const certificate = parse(sample);
  const basicConstraints = extension(
    '2.5.29.19',
    sequence(...(certificate.basicConstraints?.isCA === true ? [YES] : [])),
    'critical',
  );
  const signed = sequence(
    explicit(0, integer(2n)),
    integer(1n),
    ecdsaWithSha256,
    certificate.issuer.der,
    sequence(time(NOW - DAY), time(NOW + DAY)),
    subject ?? certificate.subject.der,
    certificate.publicKey.spki,
    explicit(3, sequence(basicConstraints, extension('2.5.29.37', ClientAuth), ...extensions)),
  );
  return signAgain(sequence(signed), issuer.key);
}

const YES = Buffer.from('0101ff', 'hex');

function parse({ der }: Sample): Certificate {
  const result = parseCertificate(der);
  if (!result.ok) throw new Error(result.error);
  return result.certificate;
}

/** Few of them as often as many, and never much more than a certificate may have in all. */
function many(random: Random, make: (index: number) => Buffer): readonly Buffer[] {
  const count = random.below(random.pick([4, 300, MAX_COUNT]));
  const made: Buffer[] = [];
  for (let octets = 0; made.length < count && octets < MAX_OCTETS; octets += made.at(-1)?.length ?? 0) {
    made.push(make(made.length));
  }
  return made;
}

function label(random: Random): string {
  return random.pick(['a', 'b', 'ab', 'example', 'x'.repeat(63), '*', '']);
}

function labels(random: Random): string {
  const count = 1 + random.below(random.oneIn(50) ? 120 : 3);
  return Array.from({ length: count }, () => label(random)).join('.');
}

function text(tag: number, value: string): Buffer {
  return element(tag, Buffer.from(value, 'latin1'));
}

/** The netmask of a prefix length. */
function maskOf(prefix: number): Buffer {
  const mask = Buffer.alloc(4);
  mask.writeUInt32BE(prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0);
  return mask;
}
