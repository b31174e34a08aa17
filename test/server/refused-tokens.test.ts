import { beforeEach, describe, expect, it } from 'vitest';
import type { TokenRefusal } from '../../src/credential/token-refusal.ts';
import { RefusedTokens } from '../../src/server/refused-tokens.ts';
import { HOUR, NOW } from '../pki.ts';

const MALFORMED: TokenRefusal = { code: 'token/malformed', problem: 'the header is not JSON' };
const token = (name: string | number): string => `kube-x509-v1.${name}.b.c`;

let refused: RefusedTokens;

beforeEach(() => {
  refused = new RefusedTokens();
});

describe('a refused token', () => {
  it.each<[TokenRefusal, boolean]>([
    [MALFORMED, true],
    [{ code: 'token/header', problem: 'x' }, true],
    [{ code: 'token/chain', problem: 'x' }, true],
    [{ code: 'token/claims', problem: 'x' }, true],
    [{ code: 'token/lifetime', problem: 'x' }, true],
    [{ code: 'token/algorithm', algorithm: 'ES256', allowed: ['ES384'] }, true],
    [{ code: 'token/expired', expiredAt: NOW, at: NOW }, false],
    [{ code: 'token/issued-in-the-future', issuedAt: NOW, at: NOW }, false],
  ])('is remembered where time cannot change that: %j', (refusal, isKept) => {
    refused.remember(token('a'), refusal, NOW);
    expect(refused.recall(token('a'), NOW)).toEqual(isKept ? refusal : undefined);
    expect(refused.recall(token('b'), NOW)).toBeUndefined();
  });

  it.each([
    ['at once', 0, true],
    ['within ten seconds', 9999, true],
    ['after ten seconds', 10_000, false],
    ['when the clock steps forward', HOUR, false],
    ['when the clock steps back', -HOUR, false],
  ])('is known %s: %i ms, %s', (_, age, isKnown) => {
    refused.remember(token('a'), MALFORMED, NOW);
    expect(refused.recall(token('a'), NOW + age) !== undefined).toBe(isKnown);
  });

  it('is forgotten when there are over a thousand newer ones', () => {
    for (let index = 0; index <= 1024; index += 1) refused.remember(token(index), MALFORMED, NOW);
    expect(refused.recall(token(0), NOW)).toBeUndefined();
    expect(refused.recall(token(1), NOW)).toEqual(MALFORMED);
    expect(refused.recall(token(1024), NOW)).toEqual(MALFORMED);
  });
});
