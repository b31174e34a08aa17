import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileMapping } from '../../src/authenticator/compile-mapping.ts';
import { compileRule } from '../../src/authenticator/compile-rule.ts';
import { type FieldError, formatFieldError, invalid } from '../../src/authenticator/field-error.ts';
import { validateX509 } from '../../src/authenticator/validate-x509.ts';
import type { PlacedRule, X509Checks } from '../../src/authenticator/x509-checks.ts';
import { loadConfig } from '../../src/config/decode.ts';
import type { X509Entry } from '../../src/config/types.ts';

/** What is too long to be written out in the golden file. */
const GENERATED: Readonly<Record<string, string>> = {
  "'{{long expression}}'": 'x'.repeat(10 * 1024 + 1),
  "'{{long message}}'": 'é'.repeat(513),
  "'{{many rules}}'": Array.from({ length: 65 }, (_, index) => `{expression: "${index}"}`).join(', '),
  "'{{many extra}}'": Array.from({ length: 65 }, (_, index) => `{key: "a.example/${index}"}`).join(', '),
  "'{{many trust domains}}'": Array.from({ length: 65 }, (_, index) => `{name: "${index}"}`).join(', '),
  "'{{many files}}'": Array.from({ length: 65 }, (_, index) => `f${index}`).join(', '),
};

function golden(name: string): string {
  return readFileSync(new URL(`../config/golden/${name}`, import.meta.url), 'utf8');
}

function entriesOf(text: string): readonly X509Entry[] {
  const result = loadConfig(text);
  if (result.kind === 'invalid') throw new Error(result.error);
  return result.config.x509;
}

function entries(x509: string): readonly X509Entry[] {
  return entriesOf(
    `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n${x509}`,
  );
}

const accepts = (): undefined => undefined;
const compilesAll: X509Checks = {
  compileRule: accepts,
  compileMapping: accepts,
  readAnchors: accepts,
  readRevocation: () => [],
};

/** Compiles in earnest; no file is read. */
const compiles: X509Checks = {
  ...compilesAll,
  compileRule: (rule) => errorOf(compileRule(rule)),
  compileMapping: (mapping) => errorOf(compileMapping(mapping)),
};

function errorOf(result: ReturnType<typeof compileRule>): FieldError | undefined {
  return result.ok ? undefined : result.error;
}

describe('x509 entries are validated', () => {
  it.each(['x509-fields', 'x509-mapping'])('with the path, order and text of every error in %s', (name) => {
    let text = golden(`${name}.yaml`);
    for (const [placeholder, value] of Object.entries(GENERATED)) text = text.replaceAll(placeholder, value);
    const errors = validateX509(entriesOf(text), compiles);
    expect(`${errors.map(formatFieldError).join('\n')}\n`).toBe(golden(`${name}.txt`));
  });

  it('as many as there may be, and none where there are more', () => {
    const many = (count: number): string => '- {issuer: {name: a}}\n'.repeat(count);
    expect(validateX509(entries(many(64)), compilesAll)).toEqual([]);
    expect(validateX509(entries(`- {}\n${many(64)}`), compilesAll).map(formatFieldError)).toEqual([
      'x509: Too many: 65: must have at most 64 items',
    ]);
  });

  it.each([
    ['a name alone', '- issuer: {name: a}\n'],
    ['anchors alone', '- issuer: {certificateAuthority: PEM}\n'],
    ['a file of anchors alone', '- issuer: {certificateAuthorityFile: /ca.crt}\n'],
    ['a name and anchors', '- issuer: {name: a, certificateAuthorityFile: /ca.crt}\n'],
    [
      'one expression for request and user',
      '- issuer: {name: a}\n  requestValidationRules: [{expression: x}]\n  userValidationRules: [{expression: x}]\n',
    ],
    [
      '64 rules',
      `- issuer: {name: a}\n  userValidationRules: [${Array.from({ length: 64 }, (_, i) => `{expression: "${i}"}`).join()}]\n`,
    ],
    [
      'an expression of 10 KiB',
      `- issuer: {name: a}\n  userValidationRules: [{expression: ${'x'.repeat(10 * 1024)}}]\n`,
    ],
    [
      'a message of 1 KiB',
      `- issuer: {name: a}\n  userValidationRules: [{expression: x, message: ${'x'.repeat(1024)}}]\n`,
    ],
    [
      'empty choices, which are unset',
      '- issuer: {name: a}\n  evaluationFailurePolicy: ""\n  revocation: {onStale: ""}\n',
    ],
  ])('without error: %s', (_name, text) => {
    expect(validateX509(entries(text), compilesAll)).toEqual([]);
  });

  it('each rule compiled once and in its turn, unless something else is wrong with its expression', () => {
    const compiled: PlacedRule[] = [];
    const text = `- issuer: {name: a}
  requestValidationRules: [{expression: r}, {expression: r}, {}]
  userValidationRules: [{expression: bad, message: "\\n"}]
- issuer: {}
  userValidationRules: [{expression: r}]
`;
    const compileRule = (rule: PlacedRule): FieldError | undefined => {
      compiled.push(rule);
      return rule.rule.expression === 'bad'
        ? invalid(`${rule.path}.expression`, 'bad', 'compilation failed: …')
        : undefined;
    };
    const errors = validateX509(entries(text), { ...compilesAll, compileRule });
    expect(compiled.map(({ kind, path }) => [kind, path])).toEqual([
      ['request', 'x509[0].requestValidationRules[0]'],
      ['user', 'x509[0].userValidationRules[0]'],
      ['user', 'x509[1].userValidationRules[0]'],
    ]);
    expect(errors.map(({ path }) => path)).toEqual([
      'x509[0].requestValidationRules[1].expression',
      'x509[0].requestValidationRules[2].expression',
      'x509[0].userValidationRules[0].expression',
      'x509[0].userValidationRules[0].message',
      'x509[1].issuer.name',
    ]);
  });
});
