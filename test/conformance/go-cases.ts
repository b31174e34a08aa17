import type { Certificate } from '../../src/x509/certificate.ts';
import { formatIpAddress } from '../../src/x509/ip-address.ts';
import { commonName, organizations } from '../../src/x509/name.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { parseUri } from '../../src/x509/uri.ts';
import { formatUri } from '../../src/x509/uri-text.ts';
import { verifyChain } from './go-verify.ts';
import type { Case, Difference, Suite } from './suite.ts';

interface GoFile {
  readonly certs: readonly string[];
  readonly cases: readonly GoCase[];
}

interface GoCase {
  readonly id: string;
  readonly kind: 'chain' | 'parse';
  readonly leaf: number;
  readonly roots?: readonly number[];
  readonly inters?: readonly number[];
  readonly time?: string;
  readonly go: GoAnswer;
}

interface GoAnswer extends Partial<ParsedFields> {
  readonly ok: boolean;
  readonly err?: string;
  readonly chain_count?: number;
}

/** What Go extracts from a certificate; empty fields are left out. */
interface ParsedFields {
  readonly cn: string;
  readonly o: readonly string[];
  readonly names: readonly string[];
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly ips: readonly string[];
  readonly uris: readonly string[];
  readonly serial: string;
  readonly nb: number;
  readonly na: number;
  readonly fp: string;
}

function toFields(certificate: Certificate): ParsedFields {
  return {
    cn: commonName(certificate.subject),
    o: organizations(certificate.subject),
    names: certificate.subject.attributes.map(({ type, value }) => `${type}=${value}`),
    dns: certificate.dnsNames,
    email: certificate.emailAddresses,
    ips: certificate.ipAddresses.map(formatIpAddress),
    uris: certificate.uris.map((uri) => {
      const result = parseUri(uri);
      return result.ok ? formatUri(result.uri) : result.error;
    }),
    serial: certificate.serialNumber.toString(),
    nb: certificate.notBefore / 1000,
    na: certificate.notAfter / 1000,
    fp: certificate.fingerprint,
  };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
}

function compareFields(got: ParsedFields, expected: GoAnswer): readonly Difference[] {
  return (Object.keys(got) as (keyof ParsedFields)[]).flatMap((field) => {
    if (isEmpty(got[field]) && isEmpty(expected[field])) return [];
    const [ours, theirs] = [JSON.stringify(got[field]), JSON.stringify(expected[field] ?? null)];
    return ours === theirs ? [] : { kind: 'wrongFields', expected: `${field} ${theirs}`, got: ours };
  });
}

function compareOutcome(
  got: { readonly ok: true } | { readonly ok: false; readonly error: string },
  expected: GoAnswer,
): readonly Difference[] {
  if (got.ok) return expected.ok ? [] : [{ kind: 'wrongAccept', expected: expected.err ?? '', got: 'ok' }];
  if (expected.ok) return [{ kind: 'overRefuse', expected: 'ok', got: got.error }];
  return got.error === expected.err ? [] : [{ kind: 'text', expected: expected.err ?? '', got: got.error }];
}

function toCase(testCase: GoCase, file: GoFile): Case {
  const [category = ''] = testCase.id.split('::', 1);
  return { id: testCase.id, category, features: [], compare: () => compare(testCase, file) };
}

function compare(testCase: GoCase, file: GoFile): readonly Difference[] {
  const der = (index: number): Buffer => Buffer.from(file.certs[index] ?? '', 'base64');
  const differences: Difference[] = [];
  if (testCase.kind === 'parse') {
    const result = parseCertificate(der(testCase.leaf));
    differences.push(...compareOutcome(result, testCase.go));
    if (result.ok && testCase.go.ok)
      differences.push(...compareFields(toFields(result.certificate), testCase.go));
  } else {
    const outcome = verifyChain({
      roots: (testCase.roots ?? []).map(der),
      intermediates: (testCase.inters ?? []).map(der),
      leaf: der(testCase.leaf),
      time: testCase.time ?? '',
    });
    differences.push(...compareOutcome(outcome, testCase.go));
    const wanted = testCase.go.chain_count;
    if (outcome.ok && wanted !== undefined && outcome.paths !== wanted) {
      differences.push({ kind: 'paths', expected: `${wanted} paths`, got: `${outcome.paths}` });
    }
  }
  return differences;
}

function suiteOf(name: string, file: string): Suite {
  return {
    name,
    failing: ['wrongAccept', 'wrongFields', 'overRefuse', 'paths'],
    reported: ['text'],
    files: [file],
    *read(text) {
      const cases = JSON.parse(text) as GoFile;
      for (const testCase of cases.cases) yield toCase(testCase, cases);
    },
  };
}

/** One trap a case: chains, parsing, signature algorithms, NIST PKITS. */
export const goDirected: Suite = suiteOf('go-directed', 'limbo/go-directed.json');

/** Random chains and mutated certificates. */
export const goFuzz: Suite = suiteOf('go-fuzz', 'limbo/go-fuzz.json.gz');
