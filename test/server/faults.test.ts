import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLoad } from '../../bench/load.ts';
import {
  flagsOf,
  freshReview,
  openWorkplace,
  review,
  type Serving,
  startServe,
  type Workplace,
} from '../cli/serving.ts';
import { authenticatorOf } from '../authenticators.ts';
import { HOUR, NOW } from '../pki.ts';
import { type Flood, prepareFloods } from '../soak/floods.ts';
import { reviewOf, startWebhook, tokenOf } from './webhook.ts';

let place: Workplace;
let floods: readonly Flood[];

beforeAll(async () => {
  place = await openWorkplace();
  floods = await prepareFloods(place.alice);
});

afterAll(() => place.remove());

/** What an answer comes to: `authenticated`, a refusal's code, or nothing for tokens that are not ours. */
function classify(body: string): string {
  const { status } = JSON.parse(body);
  if (status.authenticated === true) return 'authenticated';
  return /^([a-z]+\/[a-z-]+): /.exec(status.error ?? '')?.[1] ?? 'not ours';
}

describe('a flood of bad tokens beside good ones', () => {
  it.each([0, 1, 2, 3, 4])('leaves every answer right, of both kinds: flood %i', async (index) => {
    const flood = floods[index];
    if (flood === undefined) throw new Error('no such flood');
    const server = await startServe(flagsOf(place));
    const load = { port: server.port, ca: place.serving.pem, connections: 8, classify };
    const bad = Array.from({ length: 100 }, () => reviewOf(flood.mint()));
    const good = Array.from({ length: 300 }, () => freshReview(place.alice));
    const [badResult, goodResult] = await Promise.all([
      runLoad({ ...load, bodies: bad, requests: bad.length }),
      runLoad({ ...load, bodies: good, requests: good.length }),
    ]);
    server.process.kill('SIGTERM');
    expect([...badResult.answers]).toEqual([[flood.code ?? 'not ours', 100]]);
    expect([...goodResult.answers]).toEqual([['authenticated', 300]]);
    expect(await server.ended).toBe(0);
  });
});

describe('a clock that steps', () => {
  it.each([-1, 1])(
    'by %i h refuses what is out of its time, and nothing any more when it steps back',
    async (hours) => {
      let now = NOW;
      const entries = '- issuer: {name: my-ca}\n  userValidationRules:\n  - {expression: "true"}\n';
      const { mintAuthority, mintClient } = await import('../pki.ts');
      const ca = await mintAuthority('my-ca');
      const alice = await mintClient(ca);
      const authenticator = authenticatorOf(entries, ca.pem);
      const webhook = await startWebhook({ authenticator: () => authenticator, now: () => now });
      const body = reviewOf(tokenOf(alice));
      const malformed = reviewOf('kube-x509-v1.a.b.c');
      const outcomes: string[] = [];
      for (const at of [NOW, NOW + hours * HOUR, NOW]) {
        now = at;
        outcomes.push(
          classify((await webhook.send(body)).text),
          classify((await webhook.send(malformed)).text),
        );
      }
      await webhook.close();
      const refusal = hours > 0 ? 'token/expired' : 'token/issued-in-the-future';
      expect(outcomes).toEqual([
        'authenticated',
        'token/malformed',
        refusal,
        'token/malformed',
        'authenticated',
        'token/malformed',
      ]);
    },
  );
});

describe('a server that is killed under load', () => {
  it('answers nothing wrong, and the next one on its port goes on at once', async () => {
    const outcomes = new Map<string, number>();
    const ask = async (port: number): Promise<void> => {
      const outcome = await review(freshReview(place.alice), { port, ca: place.serving.pem }).then(
        ({ code, status }) => `${code} ${typeof status === 'string' ? status : status.authenticated}`,
        () => 'no answer',
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    };
    let server: Serving = await startServe(flagsOf(place));
    const { port } = server;
    for (let kill = 0; kill < 3; kill += 1) {
      const asked = Array.from({ length: 40 }, () => ask(port));
      await Promise.race(asked);
      server.process.kill('SIGKILL');
      await Promise.all(asked);
      await server.ended;
      server = await startServe([...flagsOf(place), '--secure-port', String(port)]);
    }
    const before = outcomes.get('200 true') ?? 0;
    for (let index = 0; index < 10; index += 1) await ask(port);
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect((outcomes.get('200 true') ?? 0) - before).toBe(10);
    expect(
      [...outcomes.keys()].filter((outcome) => outcome !== '200 true' && outcome !== 'no answer'),
    ).toEqual([]);
  });
});
