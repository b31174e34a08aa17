import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runLoad } from '../../bench/load.ts';
import { mintToken } from '../../src/credential/mint-token.ts';
import {
  AUDIENCE,
  flagsOf,
  openWorkplace,
  type Serving,
  startServe,
  type Workplace,
} from '../cli/serving.ts';
import { DAY, HOUR, type Identity, mintClient } from '../pki.ts';

/** How long and how hard. */
export interface SoakOptions {
  readonly requests: number;
  /** Changes of watched files, evenly spread; each is waited for until it is in force. */
  readonly reloads: number;
  readonly connections: number;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** What was seen. Nothing dropped: `answers` is `requests` of `authenticated`, and no connection failed. */
export interface SoakResult {
  readonly requests: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly reloads: number;
  /** Resident memory in MiB, after each round. */
  readonly resident: readonly number[];
  readonly perSecond: number;
}

/** Tokens live for ten minutes at most, so they are minted anew for each round. */
const ROUND = 20_000;
const HOLDERS = 50;

/** Loads a real `serve` with valid tokens, all different, while its files change. Rejects where a connection is dropped. */
export async function soak({ requests, reloads, connections, onProgress }: SoakOptions): Promise<SoakResult> {
  const place = await openWorkplace();
  const spare = await mintSpare(place);
  place.write('revoked.yaml', revocationsOf(0));
  const server = await startServe([...flagsOf(place), '--revocation-file', place.path('revoked.yaml')]);
  const state: State = { made: 0, reloads: 0, isChanging: true, answers: new Map(), resident: [] };
  const started = performance.now();
  try {
    const holders = await Promise.all(
      Array.from({ length: HOLDERS }, (_, index) => mintHolder(place, index)),
    );
    const changing = changeFiles({ place, spare, server }, { reloads, onReload: () => (state.reloads += 1) });
    const loading = loadInRounds({ server, place, holders }, { requests, connections, state, onProgress });
    await Promise.all([loading, changing.finally(() => (state.isChanging = false))]);
  } finally {
    server.process.kill('SIGTERM');
    await server.ended;
    place.remove();
  }
  const seconds = (performance.now() - started) / 1000;
  const { made, answers, resident } = state;
  return {
    requests: made,
    answers: Object.fromEntries(answers),
    reloads: state.reloads,
    resident,
    perSecond: Math.round(made / seconds),
  };
}

interface State {
  made: number;
  reloads: number;
  isChanging: boolean;
  readonly answers: Map<string, number>;
  readonly resident: number[];
}

interface Target {
  readonly server: Serving;
  readonly place: Workplace;
  readonly holders: readonly Identity[];
}

/** Makes all requests, and goes on while files are still being changed. */
async function loadInRounds(
  { server, place, holders }: Target,
  { requests, connections, state, onProgress }: Omit<SoakOptions, 'reloads'> & { readonly state: State },
): Promise<void> {
  const isOver = (): boolean => !state.isChanging && state.made >= requests;
  while (!isOver()) {
    const wanted = state.made < requests ? Math.min(ROUND, requests - state.made) : ROUND;
    const { answers } = await runLoad({
      port: server.port,
      ca: place.serving.pem + place.ca.pem,
      bodies: mintReviews(holders, wanted),
      connections,
      requests: wanted,
      isOver,
      classify: (body) => (body.includes('"authenticated":true') ? 'authenticated' : body.slice(0, 300)),
    });
    for (const [kind, count] of answers) {
      state.answers.set(kind, (state.answers.get(kind) ?? 0) + count);
      state.made += count;
    }
    state.resident.push(residentOf(server.process));
    onProgress?.(`${state.made} requests, ${state.reloads} reloads, ${state.resident.at(-1)} MiB`);
  }
}

interface Scene {
  readonly place: Workplace;
  readonly spare: Identity;
  readonly server: Serving;
}

/** Changes one file after the other, and waits until each change is in force. */
async function changeFiles(
  { place, spare, server }: Scene,
  { reloads, onReload }: { reloads: number; onReload: () => void },
): Promise<void> {
  const pairs = [place.serving, spare];
  const changes: ((round: number) => string)[] = [
    (round) => (place.configure(`round ${round}`), 'authentication-config'),
    (round) => (place.write('ca.pem', `round ${round}\n${place.ca.pem}`), 'authentication-config'),
    (round) => (place.write('revoked.yaml', revocationsOf(round)), 'authentication-config'),
    (round) => {
      const pair = pairs[Math.floor(round / 4 + 1) % 2] ?? spare;
      place.write('tls.key', pair.keyPem);
      place.write('tls.crt', pair.pem);
      return 'serving-certificate';
    },
  ];
  for (let round = 0; round < reloads; round += 1) {
    const before = await successes(server);
    const source = changes[round % changes.length]?.(round) ?? '';
    while ((await successes(server)).get(source) === before.get(source)) {
      if (server.process.exitCode !== null) throw new Error('the server ended');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    onReload();
  }
}

async function successes(server: Serving): Promise<ReadonlyMap<string, number>> {
  const { text } = await server.get('/metrics');
  const lines = text.matchAll(/automatic_reloads_total\{source="([^"]+)",status="success"\} (\d+)/g);
  return new Map([...lines].map(([, source = '', count]) => [source, Number(count)]));
}

function revocationsOf(round: number): string {
  return `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\nserials:\n- {serial: "${(round + 4096).toString(16)}", issuerName: nobody, reason: round ${round}}\n`;
}

/** Another serving certificate, of another issuer than the first, so that a client can trust both. */
function mintSpare({ ca }: Workplace): Promise<Identity> {
  const names = { subject: [{ CN: 'spare' }], dnsSANs: ['localhost'], ipSANs: ['127.0.0.1'] };
  return mintClient(ca, {
    ...names,
    extKeyUsages: ['serverAuth'],
    notBefore: Date.now() - HOUR,
    notAfter: Date.now() + DAY,
  });
}

/** A user named alice, of some team. */
export function mintHolder({ ca }: Workplace, index: number): Promise<Identity> {
  return mintClient(ca, {
    subject: [{ CN: 'alice' }, { O: `team-${index}` }],
    notBefore: Date.now() - HOUR,
    notAfter: Date.now() + DAY,
  });
}

/** TokenReviews of fresh tokens, each different, of some holders in turn. */
export function mintReviews(holders: readonly Identity[], count: number): readonly string[] {
  const iat = Math.floor(Date.now() / 1000);
  return Array.from({ length: count }, (_, index) => {
    const holder = holders[index % holders.length];
    if (holder === undefined) throw new Error('no holder');
    const claims = { aud: AUDIENCE, iat, exp: iat + 600, jti: randomBytes(16).toString('base64url') };
    const token = mintToken({ chain: [holder.certificate], key: holder.key, claims });
    return `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":"${token}"},"status":{"user":{}}}`;
  });
}

/** A process's resident memory in MiB; Linux counts pages of 4 KiB (proc(5), statm). */
export function residentOf({ pid }: ChildProcess): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return Math.round((pages * 4096) / 1024 / 1024);
}
