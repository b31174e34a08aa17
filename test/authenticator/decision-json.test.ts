import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/authenticator/decide.ts';
import { toDecisionJson } from '../../src/authenticator/decision-json.ts';
import { authenticatorOf } from '../authenticators.ts';
import { mintAuthority, mintClient, NOW } from '../pki.ts';

const validate = new Ajv({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/decision.schema.json', import.meta.url), 'utf8')),
);

const ENTRIES = `- issuer: {name: another}
- issuer: {name: my-ca}
  requestValidationRules: [{expression: 'cidr("10.0.0.0/8").containsIP(request.remoteaddr)', message: inside only}]
  userValidationRules: [{expression: 'user.groups[7] == "x"'}, {expression: 'user.username != "eve"', message: not eve}]
`;

describe('a decision as JSON is what its schema says', () => {
  it.each([
    ['authenticated', 'alice', { remoteAddress: '10.1.1.1' }],
    ['denied', 'eve', { remoteAddress: '10.1.1.1' }],
    ['denied', 'alice', { remoteAddress: '11.1.1.1' }],
    ['denied', 'alice', {}],
    ['no-opinion', '', { remoteAddress: '10.1.1.1' }],
  ])('%s: %s from %j', async (outcome, name, evidence) => {
    const ca = await mintAuthority('my-ca');
    const leaf = await mintClient(ca, { subject: name === '' ? [] : [{ CN: name }] });
    const decision = decide(authenticatorOf(ENTRIES, ca.pem), {
      chain: [leaf.certificate],
      possession: { kind: 'assumed' },
      at: NOW,
      ...evidence,
    });
    const json = JSON.parse(JSON.stringify(toDecisionJson('d1', decision)));
    expect(validate(json) ? [] : validate.errors).toEqual([]);
    expect(json).toMatchObject({
      decisionId: 'd1',
      at: '2026-06-15T12:00:00.000Z',
      outcome,
      entry: { index: 1, name: 'my-ca' },
      passed: [{ index: 0, name: 'another', reason: { code: 'path/issuer-mismatch' } }],
    });
  });
});
