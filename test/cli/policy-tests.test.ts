import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { run } from './program.ts';

const EXAMPLES = fileURLToPath(new URL('../../config/examples/', import.meta.url));
const SCHEMA = new URL('../../schemas/authn-test.schema.json', import.meta.url);
const FILES = readdirSync(EXAMPLES).filter((name) => name.endsWith('.authn-test.yaml'));

describe('the policy tests of the examples', () => {
  const validate = new Ajv({ strict: true, strictRequired: false }).compile(
    JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
  );

  it('are those of the proposal’s stories at least', () => {
    expect(FILES).toEqual(
      expect.arrayContaining(['internal-network.authn-test.yaml', 'user-rules.authn-test.yaml']),
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
