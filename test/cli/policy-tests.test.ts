import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { run } from './program.ts';

const EXAMPLES = fileURLToPath(new URL('../../config/examples/', import.meta.url));
const FILES = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.authn-test.yaml'),
);

function compileSchema(name: string): ValidateFunction {
  const schema = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  return new Ajv({ strict: true, strictRequired: false }).compile(
    JSON.parse(readFileSync(schema, 'utf8')) as object,
  );
}

interface JsonReport {
  readonly files: readonly { readonly cases: readonly { readonly decision: unknown }[] }[];
}

describe('the policy tests of the examples', () => {
  const validate = compileSchema('authn-test');

  it('are those of the proposal’s stories at least', () => {
    expect(FILES).toEqual(
      expect.arrayContaining([
        'internal-network.authn-test.yaml',
        'user-rules.authn-test.yaml',
        'native-certificates/native-policy.authn-test.yaml',
      ]),
    );
  });
  it.each(FILES)('%s fits the schema', (name) => {
    validate(parse(readFileSync(`${EXAMPLES}${name}`, 'utf8')));
    expect(validate.errors).toBeNull();
  });
  it('pass, and cover every rule', async () => {
    const { code, stdout } = await run(['test', EXAMPLES, '--coverage']);
    expect(stdout).toContain('every entry was reached, and every rule seen both true and false');
    expect([code, stdout.match(/^ {2}FAIL/m)]).toEqual([0, null]);
  });
});

describe('the decisions of policy tests, as JSON', () => {
  it.each([
    ['internal-network.authn-test.yaml', 'decision'],
    ['native-certificates/native-policy.authn-test.yaml', 'native-decision'],
  ])('of %s fit schemas/%s.schema.json', async (name, schema) => {
    const validate = compileSchema(schema);
    const { stdout } = await run(['test', `${EXAMPLES}${name}`, '--format', 'json']);
    const { files } = JSON.parse(stdout) as JsonReport;
    const decisions = files.flatMap(({ cases }) => cases.map(({ decision }) => decision));
    expect(decisions.length).toBeGreaterThan(5);
    for (const decision of decisions) {
      validate(decision);
      expect(validate.errors).toBeNull();
    }
  });
});

describe('--help', () => {
  it.each(['dry-run', 'test', 'replay'])('of %s has an example', async (name) => {
    const { code, stdout } = await run([name, '--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`$ kube-x509-authn ${name}`)]);
    const { stdout: same } = await run(['help', name]);
    expect(same).toBe(stdout);
  });
  it('names every command', async () => {
    const { stdout } = await run(['--help']);
    for (const name of ['dry-run', 'test', 'replay'])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });
});
