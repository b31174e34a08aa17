import { verifyChain } from './go-verify.ts';
import type { Case, Difference, Suite } from './suite.ts';

interface LimboFile {
  readonly certs: readonly string[];
  readonly cases: readonly LimboCase[];
}

interface LimboCase {
  readonly id: string;
  readonly trusted_certs: readonly number[];
  readonly untrusted_intermediates: readonly number[];
  readonly peer_certificate: number;
  readonly validation_time: string;
  readonly go_result: 'SUCCESS' | 'FAILURE';
  readonly go_error?: string;
  readonly features?: readonly string[];
}

/** Go's texts are cut to this length in the file. */
const TEXT_LENGTH = 160;

function isSameText(got: string, expected: string | undefined): boolean {
  return expected === undefined || got.slice(0, TEXT_LENGTH) === expected;
}

function toCase(testCase: LimboCase, file: LimboFile): Case {
  return {
    id: testCase.id,
    category: testCase.id.split('::', testCase.id.startsWith('bettertls') ? 2 : 1).join('::'),
    features: testCase.features ?? [],
    compare: () => compare(testCase, file),
  };
}

function compare(testCase: LimboCase, file: LimboFile): readonly Difference[] {
  const der = (index: number): Buffer => Buffer.from(file.certs[index] ?? '', 'base64');
  const outcome = verifyChain({
    roots: testCase.trusted_certs.map(der),
    intermediates: testCase.untrusted_intermediates.map(der),
    leaf: der(testCase.peer_certificate),
    time: testCase.validation_time,
  });
  if (outcome.ok && testCase.go_result === 'FAILURE') {
    return [{ kind: 'wrongAccept', expected: testCase.go_error ?? 'FAILURE', got: 'SUCCESS' }];
  }
  if (!outcome.ok && testCase.go_result === 'SUCCESS') {
    return [{ kind: 'overRefuse', expected: 'SUCCESS', got: outcome.error }];
  }
  if (!outcome.ok && !isSameText(outcome.error, testCase.go_error)) {
    return [{ kind: 'text', expected: testCase.go_error ?? '', got: outcome.error }];
  }
  return [];
}

/** C2SP x509-limbo and BetterTLS, with Go's verdict. */
export const limbo: Suite = {
  name: 'limbo',
  failing: ['wrongAccept', 'overRefuse'],
  reported: ['text'],
  files: ['limbo/limbo.json', 'limbo/limbo-full.json.gz'],
  *read(text) {
    const file = JSON.parse(text) as LimboFile;
    for (const testCase of file.cases) yield toCase(testCase, file);
  },
};
