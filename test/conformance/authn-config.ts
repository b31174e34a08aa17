import { formatFieldError, formatFieldErrors } from '../../src/authenticator/field-error.ts';
import { createJwtChecks } from '../../src/authenticator/jwt-checks.ts';
import { validateKubernetesFields } from '../../src/authenticator/validate-jwt.ts';
import { loadKubernetesConfig } from '../../src/config/decode.ts';
import type { Config } from '../../src/config/types.ts';
import { parseLines } from './files.ts';
import type { Case, Difference, Suite } from './suite.ts';

interface AuthnConfigCase {
  readonly id: string;
  readonly category: string;
  readonly yaml: string;
  readonly disallowedIssuers: readonly string[] | null;
  readonly expect: Expectation;
}

type Expectation =
  | { readonly decodeOk: false; readonly decodeError: string; readonly startupError: string }
  | {
      readonly decodeOk: true;
      readonly valid: boolean;
      readonly errors: readonly { readonly string: string }[];
      readonly startupError?: string;
      readonly decodedV1?: unknown;
    };

/** What became of a document: the errors one by one, and as kube-apiserver prints them when it does not start. */
interface Outcome {
  readonly errors: readonly string[];
  readonly startupError: string;
  readonly config?: Config;
}

const FILE = '/etc/kubernetes/authn.yaml';

/** Names of kube-apiserver's own that the vectors leave open. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  '{{scheme}}': 'pkg/kubeapiserver/options/authentication.go',
  '{{file}}': FILE,
};

/** What ANTLR lists after a syntax error differs from parser to parser; line and column must agree. */
const EXPECTING = /(Syntax error: )[^\n]*\n/g;

/** AuthenticationConfiguration documents with the answers of Kubernetes 1.36's own loader and validator. */
export const authnConfig: Suite = {
  name: 'authn-config',
  failing: ['overAccept', 'overRefuse', 'wrongValue'],
  reported: ['text', 'expecting'],
  files: ['vectors/authn-config.jsonl'],
  *read(text) {
    for (const testCase of parseLines<AuthnConfigCase>(text)) yield toCase(testCase);
  },
};

function toCase({ id, category, yaml, disallowedIssuers, expect }: AuthnConfigCase): Case {
  return {
    id,
    category,
    features: [],
    compare() {
      const outcome = load(yaml, disallowedIssuers ?? []);
      return [...compareErrors(toExpected(expect), outcome), ...compareValue(expect, outcome)];
    },
  };
}

function load(yaml: string, disallowedIssuers: readonly string[]): Outcome {
  const loaded = loadKubernetesConfig(yaml);
  if (loaded.kind === 'invalid') {
    const startupError = `failed to load authentication configuration from file "${FILE}": ${loaded.error}`;
    return { errors: [loaded.error], startupError };
  }
  const { config } = loaded;
  const errors = validateKubernetesFields(config, createJwtChecks(disallowedIssuers));
  const startupError =
    errors.length === 0 ? '' : `invalid authentication configuration: ${formatFieldErrors(errors)}`;
  return { errors: errors.map(formatFieldError), startupError, config };
}

function toExpected(expect: Expectation): Outcome {
  const errors = expect.decodeOk ? expect.errors.map(({ string }) => string) : [expect.decodeError];
  return { errors: errors.map(fillIn), startupError: fillIn(expect.startupError ?? '') };
}

function fillIn(text: string): string {
  let filled = text;
  for (const [placeholder, value] of Object.entries(PLACEHOLDERS))
    filled = filled.replaceAll(placeholder, value);
  return filled;
}

function compareErrors(expected: Outcome, got: Outcome): readonly Difference[] {
  const describe = ({ errors }: Outcome): string => JSON.stringify(errors);
  const difference = (kind: string): Difference => ({
    kind,
    expected: describe(expected),
    got: describe(got),
  });
  if (expected.errors.length === 0 && got.errors.length > 0) return [difference('overRefuse')];
  if (expected.errors.length > 0 && got.errors.length === 0) return [difference('overAccept')];
  if (describe(expected) === describe(got)) {
    if (expected.startupError === got.startupError) return [];
    return [{ kind: 'text', expected: expected.startupError, got: got.startupError }];
  }
  const loose = (text: string): string => text.replaceAll(EXPECTING, '$1\n');
  const isLoose = JSON.stringify(expected.errors.map(loose)) === JSON.stringify(got.errors.map(loose));
  return [difference(isLoose ? 'expecting' : 'text')];
}

/** The decoded value, which Kubernetes prints without what is unset. */
function compareValue(expect: Expectation, { config }: Outcome): readonly Difference[] {
  if (!expect.decodeOk || config === undefined || expect.decodedV1 === undefined) return [];
  const { jwt, anonymous } = config;
  const expected = JSON.stringify(prune(pick(expect.decodedV1)));
  const got = JSON.stringify(prune({ jwt, anonymous }));
  return expected === got ? [] : [{ kind: 'wrongValue', expected, got }];
}

function pick(decoded: unknown): unknown {
  const { jwt, anonymous } = decoded as { readonly jwt?: unknown; readonly anonymous?: unknown };
  return { jwt, anonymous };
}

/** Drops what is empty, and puts keys in order. An empty prefix is not an unset one. */
function prune(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => prune(item) ?? null);
  if (value === null || value === false || (value === '' && key !== 'prefix')) return undefined;
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, prune(inner, name)] as const)
    .filter(([, inner]) => inner !== undefined && !(Array.isArray(inner) && inner.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 && key !== 'anonymous' ? undefined : Object.fromEntries(entries);
}
