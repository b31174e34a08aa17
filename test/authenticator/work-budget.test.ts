import { beforeAll, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { decide } from '../../src/authenticator/decide.ts';
import type { Decision } from '../../src/authenticator/decision.ts';
import { signJws } from '../../src/x509/jws.ts';
import { authenticatorOf } from '../authenticators.ts';
import { type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../pki.ts';

const ENTRIES = 64;

let roots: readonly Identity[];
let authenticator: Authenticator;

beforeAll(async () => {
  roots = await Promise.all(Array.from({ length: ENTRIES }, () => mintAuthority('root')));
  const entryOf = ({ pem }: Identity): string =>
    `- issuer:\n    certificateAuthority: |\n${pem.replaceAll(/^/gm, '      ')}\n`;
  authenticator = authenticatorOf(roots.map(entryOf).join(''));
});

function decideToken(chain: readonly [Identity, ...Identity[]]): Decision {
  const [leaf, ...rest] = chain.map(({ certificate }) => certificate);
  const signingInput = Buffer.from('x');
  const proof = {
    algorithm: 'ES256',
    signingInput,
    signature: signJws(chain[0].key, 'ES256', signingInput),
  } as const;
  return decide(authenticator, { chain: [leaf!, ...rest], possession: { kind: 'signed', proof }, at: NOW });
}

describe('what a token’s chain may cost', () => {
  it('is at most 16 signature checks in all, however many entries have anchors of that name', async () => {
    const strangers = [await mintAuthority('root')];
    for (let depth = 0; depth < 6; depth += 1)
      strangers.push(await mintIntermediate(strangers[depth]!, 'root'));
    const mallory = await mintClient(strangers[6]!);
    const before = authenticator.paths.counters.signatureChecks;
    expect(decideToken([mallory, ...strangers.slice(1).reverse()]).outcome).toBe('no-opinion');
    expect(authenticator.paths.counters.signatureChecks - before).toBeLessThanOrEqual(16);
  });

  it('is no check twice: the presented chain is checked once, for whichever entry', async () => {
    const intermediate = await mintIntermediate(roots[7]!, 'intermediate');
    const alice = await mintClient(intermediate);
    const before = authenticator.paths.counters.signatureChecks;
    expect(decideToken([alice, intermediate])).toMatchObject({
      outcome: 'authenticated',
      entry: { index: 7 },
    });
    expect(authenticator.paths.counters.signatureChecks - before).toBe(1 + 8);
  });

  it('is nothing where the chain returns', async () => {
    const alice = await mintClient(roots[2]!);
    decideToken([alice]);
    const before = authenticator.paths.counters.signatureChecks;
    expect(decideToken([alice]).outcome).toBe('authenticated');
    expect(authenticator.paths.counters.signatureChecks - before).toBe(0);
  });
});

describe('what a configuration may cost', () => {
  it('is one program for an expression that entries have in common, and one a kind of rule', () => {
    const rules = (kind: string): string => `  ${kind}:\n  - {expression: '1 < 2', message: m}\n`;
    const both = rules('userValidationRules') + rules('certificateValidationRules');
    const { entries } = authenticatorOf(
      `- issuer: {name: one}\n${both}- issuer: {name: two}\n${both}`,
      roots[0]!.pem,
    );
    const [one, two] = entries.map(({ userRules, certificateRules }) => ({
      user: userRules[0]?.program,
      certificate: certificateRules[0]?.program,
    }));
    expect(one?.user).toBe(two?.user);
    expect(one?.certificate).toBe(two?.certificate);
    expect(one?.user).not.toBe(one?.certificate);
  });
});
