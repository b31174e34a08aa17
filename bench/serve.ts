import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type * as Compiling from '../src/authenticator/compile.ts';
import type * as Decoding from '../src/config/decode.ts';
import { flagsOf, openWorkplace, PROGRAM, startServe, type Workplace } from '../test/cli/serving.ts';
import { mintHolder, mintReviews, residentOf } from '../test/soak/soak.ts';
import { type Load, runLoad } from './load.ts';
import { compare, type Measurement, median } from './measurement.ts';

const TOKENS = 10_000;
const HOLDERS = 50;
const CONNECTIONS = 16;
const ROUNDS = 3;
const BASELINE = fileURLToPath(new URL('./baseline-server.ts', import.meta.url));

/**
 * `serve` as a process, over real TLS with distinct valid tokens and its log on, beside a bare node:https server that does one
 * JSON.parse, one ES256 verification and one JSON.stringify: rounds interleaved, both on the same machine at the same time.
 */
export async function benchServe(): Promise<Measurement[]> {
  const place = await openWorkplace();
  const bare = await startBaseline(place);
  try {
    const coldStart = await measureColdStart(place);
    const server = await startLogged(place);
    try {
      const scene = { place, server, bare, bodies: await mintBodies(place) };
      const load = await measureLoad(scene);
      return [coldStart, await measureCompile(place), ...load];
    } finally {
      server.process.kill('SIGKILL');
    }
  } finally {
    bare.process.kill('SIGKILL');
    place.remove();
  }
}

interface Running {
  readonly process: ChildProcess;
  readonly port: number;
}

interface Scene {
  readonly place: Workplace;
  readonly server: Running;
  readonly bare: Running;
  readonly bodies: readonly string[];
}

/** `serve` with its log in a file, so that nobody has to read it while the load is on. */
async function startLogged(place: Workplace): Promise<Running> {
  const log = place.path('log');
  const stdio = ['ignore', 'ignore', openSync(log, 'w')] as const;
  const child = spawn(process.execPath, [PROGRAM, ...flagsOf(place)], { stdio: [...stdio] });
  while (child.exitCode === null) {
    const [, port] = /"secure":\{[^}]*"port":(\d+)/.exec(readFileSync(log, 'utf8')) ?? [];
    if (port !== undefined) return { process: child, port: Number(port) };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`serve ended before it served: ${readFileSync(log, 'utf8')}`);
}

async function startBaseline(place: Workplace): Promise<Running> {
  const args = ['--import', 'tsx', BASELINE, place.path('tls.crt'), place.path('tls.key')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout }))
    return { process: child, port: Number(line) };
  throw new Error('the baseline server ended before it served');
}

async function mintBodies(place: Workplace): Promise<readonly string[]> {
  const holders = await Promise.all(Array.from({ length: HOLDERS }, (_, index) => mintHolder(place, index)));
  return mintReviews(holders, TOKENS);
}

/** From the start of the process to ready; beside it, what Node takes to do nothing. */
async function measureColdStart(place: Workplace): Promise<Measurement> {
  const times = { ours: [] as number[], node: [] as number[] };
  for (let round = 0; round < 5; round += 1) {
    const started = performance.now();
    const server = await startServe(flagsOf(place));
    times.ours.push(performance.now() - started);
    server.process.kill('SIGKILL');
    await server.ended;
    times.node.push(await timeNode());
  }
  return compare('serve/cold-start', 'ms', { value: median(times.ours), baseline: median(times.node) });
}

function timeNode(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  return new Promise((resolve) => child.once('exit', () => resolve(performance.now() - started)));
}

/** 64 entries of 64 rules, all different, from text to authenticator; beside it, the 300 ms that a reload may hold everybody up. */
async function measureCompile({ ca }: Workplace): Promise<Measurement> {
  const { compile } = await importBuilt<typeof Compiling>('authenticator/compile.js');
  const { loadConfig } = await importBuilt<typeof Decoding>('config/decode.js');
  const anchor = Buffer.from(ca.pem);
  const entries = Array.from({ length: 64 }, (_, entry) => {
    const rules = Array.from(
      { length: 64 },
      (_, rule) =>
        `  - {expression: 'user.username != "u-${entry}-${rule}" && user.groups.all(g, g != "g-${rule}")'}`,
    );
    return `- issuer: {name: ca-${entry}, certificateAuthorityFile: ca.pem}\n  userValidationRules:\n${rules.join('\n')}`;
  });
  const text = `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n${entries.join('\n')}\n`;
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    const loaded = loadConfig(text);
    if (loaded.kind === 'config') compile(loaded.config, { readFile: () => anchor });
    return performance.now() - started;
  });
  return compare('serve/compile-64x64', 'ms', { value: median(times), baseline: 300 });
}

/** A module as it ships: tsx would add a call to each function that is made. */
function importBuilt<Module>(path: string): Promise<Module> {
  return import(new URL(`../dist/${path}`, import.meta.url).href);
}

/** Reviews a second, the 99th percentile at half that, and resident memory after it all. */
async function measureLoad({ place, server, bare, bodies }: Scene): Promise<Measurement[]> {
  const load = { ca: place.serving.pem, bodies, connections: CONNECTIONS, requests: TOKENS, classify };
  const rates = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.ours.push((await runAll({ ...load, port: server.port })).perSecond);
    rates.bare.push((await runAll({ ...load, port: bare.port })).perSecond);
  }
  const perSecond = median(rates.ours) / 2;
  const tails = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    tails.ours.push((await runAll({ ...load, port: server.port, perSecond })).p99);
    tails.bare.push((await runAll({ ...load, port: bare.port, perSecond })).p99);
  }
  return [
    compare('reviews/per-second', 'requests/s', { value: median(rates.ours), baseline: median(rates.bare) }),
    compare('reviews/p99-at-half-load', 'ms', { value: median(tails.ours), baseline: median(tails.bare) }),
    compare('serve/resident', 'MiB', {
      value: residentOf(server.process),
      baseline: residentOf(bare.process),
    }),
  ];
}

async function runAll(load: Load): ReturnType<typeof runLoad> {
  const result = await runLoad(load);
  if (result.answers.get('authenticated') !== load.requests) {
    throw new Error(`not all were authenticated: ${[...result.answers.keys()].join(' ').slice(0, 500)}`);
  }
  return result;
}

function classify(body: string): string {
  return body.includes('"authenticated":true') ? 'authenticated' : body;
}
