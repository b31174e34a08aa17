import { type Compilation, compileExpression, type Evaluation, type Program } from '../../src/cel/compile.ts';
import {
  declareEnvironment,
  type Environment,
  environments,
  userVariable,
  requestVariable,
} from '../../src/cel/environment.ts';
import type { CelInput } from '../../src/cel/frame.ts';
import { toClaimsInput, toRequestInput, toUserInput } from '../../src/cel/input.ts';
import { fromJson } from '../../src/cel/input-value.ts';
import { DYN, INT, STRING, mapType } from '../../src/cel/type.ts';
import { type CelValue, CelMap, type MapKey } from '../../src/cel/value.ts';
import { type EncodedValue, encode, encodeGolden, normalize } from './cel-value.ts';
import { parseLines } from './files.ts';
import type { Case, Difference, Suite } from './suite.ts';

interface UserVector {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

interface Activation {
  readonly user?: UserVector;
  readonly request?: { readonly remoteaddr?: string };
  readonly claims?: Readonly<Record<string, unknown>>;
}

type ExpectedEvaluation =
  | { readonly ok: true; readonly value: EncodedValue; readonly cost: number }
  | { readonly ok: false; readonly error: string; readonly cost: number };

interface Place {
  readonly line: number;
  readonly column: number;
}

type ExpectedCompilation =
  | {
      readonly ok: true;
      readonly resultType: string;
      readonly condition: { readonly ok: boolean; readonly error?: string };
    }
  | { readonly ok: false; readonly error: string; readonly issues?: readonly Place[] };

/** A line of cel-env.jsonl. */
interface EnvironmentVector {
  readonly id: string;
  readonly category: string;
  readonly variable: 'user' | 'request' | 'claims' | 'user+request';
  readonly expr: string;
  readonly activation: Activation;
  readonly compile: ExpectedCompilation;
  readonly eval?: ExpectedEvaluation;
  readonly alternatives?: readonly ExpectedEvaluation[];
}

/** A line of the golden files. */
interface GoldenVector {
  readonly expr: string;
  readonly ctx: Activation & {
    readonly s: string;
    readonly d: unknown;
    readonly i: number;
    readonly m: Record<string, string>;
  };
  readonly k8s: {
    readonly compile?: string;
    readonly program?: string;
    readonly err?: string;
    readonly val?: string;
    readonly type?: string;
    readonly cost?: number;
  };
}

/** A line of cel-golden-regex.jsonl. */
interface RegexVector {
  readonly p: string;
  readonly s: string;
  readonly go: boolean | 'INVALID';
}

const both = declareEnvironment({ user: userVariable, request: requestVariable });

const golden = declareEnvironment({
  user: userVariable,
  request: requestVariable,
  s: { kind: 'plain', type: STRING },
  d: { kind: 'plain', type: DYN },
  i: { kind: 'plain', type: INT },
  m: { kind: 'plain', type: mapType(STRING, STRING) },
});

const regex = declareEnvironment({ s: { kind: 'plain', type: STRING }, p: { kind: 'plain', type: STRING } });

/** CEL in kube-apiserver's environments: what loads, what it gives, what it costs. */
export const cel: Suite = {
  name: 'cel',
  failing: ['wrongAccept', 'wrongValue', 'overAccept', 'wrongError', 'overRefuse'],
  reported: ['position', 'type', 'syntaxText', 'text', 'cost'],
  files: [
    'vectors/cel-env.jsonl',
    'vectors/cel-golden-curated.jsonl',
    'vectors/cel-golden-fuzz.jsonl',
    'vectors/cel-golden-regex.jsonl',
  ],
  *read(text) {
    let line = 0;
    for (const vector of parseLines<EnvironmentVector | GoldenVector | RegexVector>(text)) {
      line++;
      if ('compile' in vector) yield toCase(vector.id, vector, () => compareEnvironment(vector));
      else if ('k8s' in vector)
        yield toCase(`golden/${line}: ${vector.expr}`, vector, () => compareGolden(vector));
      else yield toCase(`regex/${line}: ${vector.p}`, {}, () => compareRegex(vector));
    }
  },
};

function toCase(
  id: string,
  { category = id.split('/', 1)[0] ?? '', expr = '' }: { readonly category?: string; readonly expr?: string },
  compare: Case['compare'],
): Case {
  return { id, category, features: featuresOf(expr), compare };
}

function compareEnvironment(vector: EnvironmentVector): readonly Difference[] {
  const { expr, compile } = vector;
  const environment = environmentOf(vector.variable);
  const compilation = compileExpression(expr, environment, 'any');
  const differences = [...compareCompilation(compile, compilation)];
  if (compile.ok && compilation.ok) {
    differences.push(...compareCondition(compile, compileExpression(expr, environment, 'bool')));
    if (vector.eval !== undefined) {
      const accepted = vector.alternatives ?? [vector.eval];
      differences.push(
        ...compareEvaluation(accepted, compilation.program.evaluate(inputOf(vector.activation))),
      );
    }
  }
  return differences;
}

function environmentOf(variable: EnvironmentVector['variable']): Environment {
  return variable === 'user+request' ? both : environments[variable];
}

function inputOf(activation: Activation): CelInput {
  const parts: CelInput[] = [];
  const { user, request, claims } = expand(activation) as Activation;
  if (user !== undefined) parts.push(toUserInput(fullUser(user)));
  if (request !== undefined) parts.push(toRequestInput({ remoteAddress: request.remoteaddr ?? '' }));
  if (claims !== undefined) parts.push(toClaimsInput(claims));
  return Object.assign({}, ...parts) as CelInput;
}

function fullUser({
  username = '',
  uid = '',
  groups = [],
  extra = {},
}: UserVector): Parameters<typeof toUserInput>[0] {
  return { username, uid, groups, extra: new Map(Object.entries(extra)) };
}

/** Replaces the generators `$repeat` and `$seq` by what they stand for. */
function expand(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(expand);
  if (typeof json !== 'object' || json === null) return json;
  if ('$repeat' in json) {
    const [text, count] = json.$repeat as [string, number];
    return text.repeat(count);
  }
  if ('$seq' in json) {
    const [prefix, count, width] = json.$seq as [string, number, number];
    return Array.from({ length: count }, (_, index) => prefix + String(index).padStart(width, '0'));
  }
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, expand(value)]));
}

function* compareCompilation(expected: ExpectedCompilation, got: Compilation): Generator<Difference> {
  if (expected.ok && got.ok) {
    const { resultType } = got.program;
    if (resultType !== expected.resultType)
      yield { kind: 'type', expected: expected.resultType, got: resultType };
  } else if (expected.ok && !got.ok) {
    yield { kind: 'overRefuse', expected: 'loads', got: got.error };
  } else if (!expected.ok && got.ok) {
    yield { kind: 'overAccept', expected: expected.error, got: 'loads' };
  } else if (!expected.ok && !got.ok) {
    yield* compareErrors(expected, got);
  }
}

function* compareErrors(
  expected: { readonly error: string; readonly issues?: readonly Place[] },
  got: { readonly error: string; readonly issues: readonly Place[] },
): Generator<Difference> {
  const wanted = placeOf(expected.issues?.[0]);
  const found = placeOf(got.issues[0]);
  if (wanted !== found) yield { kind: 'position', expected: wanted, got: found };
  if (expected.error === got.error) return;
  const kind = /Syntax error/.test(expected.error) ? 'syntaxText' : 'text';
  yield { kind, expected: expected.error, got: got.error };
}

function placeOf(place: Place | undefined): string {
  return place === undefined ? 'no place' : `${place.line}:${place.column}`;
}

function* compareCondition(
  { condition }: { readonly condition: { readonly ok: boolean; readonly error?: string } },
  got: Compilation,
): Generator<Difference> {
  if (condition.ok === got.ok) return;
  const kind = got.ok ? 'overAccept' : 'overRefuse';
  yield { kind, expected: condition.error ?? 'loads as a rule', got: got.ok ? 'loads as a rule' : got.error };
}

function* compareEvaluation(accepted: readonly ExpectedEvaluation[], got: Evaluation): Generator<Difference> {
  const results = accepted.map((expected) => compareOutcome(outcomeOf(expected), outcomeOfOurs(got)));
  const best =
    results.find((differences) => differences.every(({ kind }) => kind === 'text')) ?? results[0] ?? [];
  yield* best;
  const costs = accepted.map(({ cost }) => cost);
  if (!costs.includes(got.cost)) yield { kind: 'cost', expected: costs.join('|'), got: String(got.cost) };
}

/** An outcome in a form that both sides share. */
interface Outcome {
  readonly kind: Evaluation['kind'];
  readonly text: string;
}

const LIMIT = 'operation cancelled: actual cost limit exceeded';
const TRUE = normalize({ type: 'bool', value: true });

function outcomeOf(expected: ExpectedEvaluation): Outcome {
  if (expected.ok) return { kind: 'value', text: normalize(expected.value) };
  return { kind: expected.error === LIMIT ? 'cost-limit' : 'error', text: expected.error };
}

function outcomeOfOurs(got: Evaluation): Outcome {
  if (got.kind === 'value') return { kind: 'value', text: encode(got.value) };
  return { kind: got.kind, text: got.kind === 'cost-limit' ? LIMIT : got.message };
}

function compareOutcome(expected: Outcome, got: Outcome): readonly Difference[] {
  const report = (kind: string): readonly Difference[] => [
    { kind, expected: `${expected.kind} ${expected.text}`, got: `${got.kind} ${got.text}` },
  ];
  if (expected.kind === got.kind) {
    if (expected.text === got.text || isTruncated(expected, got)) return [];
    if (got.kind !== 'value') return report('text');
    return report(got.text === TRUE ? 'wrongAccept' : 'wrongValue');
  }
  return report(got.kind === 'value' && got.text === TRUE ? 'wrongAccept' : 'wrongError');
}

/** Long values are given by their length alone. */
function isTruncated(expected: Outcome, _got: Outcome): boolean {
  return expected.text.includes('"type":"truncated"');
}

function compareGolden({ expr, ctx, k8s }: GoldenVector): readonly Difference[] {
  const compilation = compileExpression(expr, golden, 'any');
  const refusal = k8s.compile ?? k8s.program;
  const differences: Difference[] = [];
  if (refusal !== undefined) {
    if (compilation.ok) differences.push({ kind: 'overAccept', expected: refusal, got: 'loads' });
    else
      differences.push(...compareErrors({ error: goldenError(k8s), issues: placesIn(refusal) }, compilation));
  } else if (!compilation.ok) {
    differences.push({ kind: 'overRefuse', expected: 'loads', got: compilation.error });
  } else {
    differences.push(...compareGoldenValue(k8s, compilation.program, ctx));
  }
  return differences;
}

function goldenError({ compile, program }: GoldenVector['k8s']): string {
  return compile === undefined
    ? `program instantiation failed: ${program}`
    : `compilation failed: ${compile}`;
}

function placesIn(report: string): Place[] {
  const place = /^ERROR: <input>:(-?\d+):(\d+):/.exec(report);
  if (place === null) return [];
  const line = Number(place[1]);
  return [{ line, column: line < 0 ? 0 : Number(place[2]) - 1 }];
}

function* compareGoldenValue(
  { err, val, cost, type }: GoldenVector['k8s'],
  program: Program,
  ctx: GoldenVector['ctx'],
): Generator<Difference> {
  const got = program.evaluate(goldenInput(ctx));
  const expected: Outcome =
    val === undefined
      ? { kind: err === LIMIT ? 'cost-limit' : 'error', text: err ?? '' }
      : { kind: 'value', text: val };
  const ours: Outcome =
    got.kind === 'value' ? { kind: 'value', text: encodeGolden(got.value) } : outcomeOfOurs(got);
  const text = ours.text === 'bool:true' ? TRUE : ours.text;
  yield* compareOutcome(
    { ...expected, text: expected.text === 'bool:true' ? TRUE : expected.text },
    { ...ours, text },
  );
  if (type !== undefined && type !== program.resultType)
    yield { kind: 'type', expected: type, got: program.resultType };
  if (cost !== undefined && cost !== got.cost)
    yield { kind: 'cost', expected: String(cost), got: String(got.cost) };
}

function goldenInput(ctx: GoldenVector['ctx']): CelInput {
  const strings = new Map<MapKey, CelValue>(Object.entries(ctx.m));
  return { ...inputOf(ctx), s: ctx.s, d: fromJson(ctx.d), i: BigInt(ctx.i), m: new CelMap(strings) };
}

function compareRegex({ p, s, go }: RegexVector): readonly Difference[] {
  const compilation = compileExpression('s.matches(p)', regex, 'bool');
  if (!compilation.ok) throw new Error(compilation.error);
  const input = { s, p };
  const got = compilation.program.evaluate(input);
  const answer = got.kind === 'value' ? JSON.stringify(got.value) : 'INVALID';
  const expected = String(go);
  if (answer === expected) return [];
  const kind = answer === 'true' ? 'wrongAccept' : expected === 'INVALID' ? 'overAccept' : 'wrongValue';
  return [{ kind: answer === 'INVALID' ? 'overRefuse' : kind, expected, got: answer }];
}

/** The functions and forms that an expression uses, for exceptions to name. */
function featuresOf(expr: string): readonly string[] {
  // One pass: a look-ahead for the bracket would be quadratic on a vector of 100,000 letters.
  const words = expr.match(/[a-zA-Z_.]+\(?/g) ?? [];
  const named = words.filter((word) => word.endsWith('(') || word.startsWith('google.protobuf.'));
  return [...new Set(named.map((word) => word.replace('(', '')))];
}
