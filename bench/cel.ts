import { Environment } from '@marcbachmann/cel-js';
import { compileExpression, type Program } from '../src/cel/compile.ts';
import { environments } from '../src/cel/environment.ts';
import { toRequestInput, toUserInput } from '../src/cel/input.ts';
import { compare, type Measurement, median, medianMicros } from './measurement.ts';

const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

const fingerprints = Array.from(
  { length: 50 },
  (_, index) => `"X509SHA256=${index.toString(16).padStart(64, '0')}"`,
);

const STARTS = 'user.username.startsWith("system:")';
const EXISTS = 'user.groups.exists(g, g == "dev") && !user.username.startsWith("system:")';
const REVOKED = `!(user.extra[?"${CREDENTIAL_ID}"].orValue([]).exists(id, id in [${fingerprints.join(', ')}]))`;
const NETWORK = 'cidr("10.0.0.0/8").containsIP(request.remoteaddr)';
const PREFIX = 'request.remoteaddr.startsWith("10.")';
const LOOPS = 'user.groups.all(a, user.groups.all(b, user.groups.all(c, a != "" || b != c)))';

/** What kube-apiserver's own code needs for the first three rules, in ns, user value included. */
const KUBERNETES = { starts: 2200, exists: 4700, revoked: 3300 };

const USER = {
  username: 'alice',
  uid: '1234',
  groups: ['ops', 'dev', 'viewers'],
  extra: new Map([[CREDENTIAL_ID, [`X509SHA256=${'ab'.repeat(32)}`]]]),
};
const REQUEST = { remoteAddress: '10.1.2.3' };
const CROWD = { ...USER, groups: Array.from({ length: 300 }, (_, index) => `group-${index}`) };

/** No evaluation may hold the event loop for longer, in ms. */
const LONGEST_MS = 100;

/**
 * The costs of rules: one evaluation with its input made anew, beside the same rule in the bare library (without types'
 * wrappers, costs or limits) and in kube-apiserver itself; compiling; and three nested loops over 300 groups up to the cost
 * limit. The library has no `cidr`, so that rule is held against a comparison of texts.
 */
export function benchCel(): readonly Measurement[] {
  const bare = bareLibrary();
  const rules = {
    starts: ruleOn(STARTS),
    exists: ruleOn(EXISTS),
    revoked: ruleOn(REVOKED),
    network: requestRule(),
    bareStarts: () => expectBoolean(bare.starts({ user: bareUser() })),
    bareExists: () => expectBoolean(bare.exists({ user: bareUser() })),
    bareRevoked: () => expectBoolean(bare.revoked({ user: bareUser() })),
    barePrefix: () => expectBoolean(bare.prefix({ request: { remoteaddr: REQUEST.remoteAddress } })),
    compile: () => program(EXISTS),
    bareCompile: () => bare.compile(),
    compileRevoked: () => program(REVOKED),
    bareCompileRevoked: () => bare.compileRevoked(),
  };
  const times = medianMicros(rules);
  const nanos = (micros: number): number => micros * 1000;
  const rule = (name: string, value: number, baseline: number): Measurement =>
    compare(name, 'ns/evaluation', { value: nanos(value), baseline });
  return [
    rule('cel/starts', times.starts, nanos(times.bareStarts)),
    rule('cel/exists', times.exists, nanos(times.bareExists)),
    rule('cel/revoked', times.revoked, nanos(times.bareRevoked)),
    rule('cel/network', times.network, nanos(times.barePrefix)),
    rule('cel/starts.kubernetes', times.starts, KUBERNETES.starts),
    rule('cel/exists.kubernetes', times.exists, KUBERNETES.exists),
    rule('cel/revoked.kubernetes', times.revoked, KUBERNETES.revoked),
    compare('cel/compile', 'µs', { value: times.compile, baseline: times.bareCompile }),
    compare('cel/compile.fifty', 'µs', { value: times.compileRevoked, baseline: times.bareCompileRevoked }),
    compare('cel/loops', 'ms', { value: loopsMillis(), baseline: LONGEST_MS }),
  ];
}

function program(expression: string): Program {
  const compilation = compileExpression(expression, environments.user, 'bool');
  if (!compilation.ok) throw new Error(compilation.error);
  return compilation.program;
}

function ruleOn(expression: string): () => void {
  const rule = program(expression);
  return () => {
    if (rule.evaluate(toUserInput(USER)).kind !== 'value') throw new Error(expression);
  };
}

function requestRule(): () => void {
  const compilation = compileExpression(NETWORK, environments.request, 'bool');
  if (!compilation.ok) throw new Error(compilation.error);
  const { program: rule } = compilation;
  return () => {
    if (rule.evaluate(toRequestInput(REQUEST)).kind !== 'value') throw new Error(NETWORK);
  };
}

function loopsMillis(): number {
  const loops = program(LOOPS);
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    if (loops.evaluate(toUserInput(CROWD)).kind !== 'cost-limit') throw new Error(LOOPS);
    return performance.now() - start;
  });
  return median(times);
}

type BareRule = (input: Readonly<Record<string, unknown>>) => unknown;

interface BareLibrary {
  readonly starts: BareRule;
  readonly exists: BareRule;
  readonly revoked: BareRule;
  readonly prefix: BareRule;
  compile(): void;
  compileRevoked(): void;
}

function bareLibrary(): BareLibrary {
  const environment = new Environment({ enableOptionalTypes: true })
    .registerType('UserInfo', {
      fields: {
        username: 'string',
        uid: 'string',
        groups: 'list<string>',
        extra: 'map<string, list<string>>',
      },
    })
    .registerType('RequestInfo', { fields: { remoteaddr: 'string' } })
    .registerVariable('user', 'UserInfo')
    .registerVariable('request', 'RequestInfo');
  const make = (expression: string): BareRule => {
    const parsed = environment.parse(expression);
    const { valid, error } = parsed.check();
    if (!valid) throw new Error(String(error));
    return parsed;
  };
  return {
    starts: make(STARTS),
    exists: make(EXISTS),
    revoked: make(REVOKED),
    prefix: make(PREFIX),
    compile: () => make(EXISTS),
    compileRevoked: () => make(REVOKED),
  };
}

function bareUser(): Readonly<Record<string, unknown>> {
  const { username, uid, groups, extra } = USER;
  return { username, uid, groups, extra };
}

function expectBoolean(value: unknown): void {
  if (typeof value !== 'boolean') throw new Error(`the bare library gave ${String(value)}`);
}
