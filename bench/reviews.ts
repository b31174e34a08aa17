import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { mintToken } from '../src/credential/mint-token.ts';
import { type Identity, mintAuthority, mintClient, mintServing } from '../test/pki.ts';
import { runLoad } from './load.ts';
import { compare, type Measurement, median } from './measurement.ts';

const AUDIENCE = 'x509.bench.example';
const TOKENS = 10_000;
const HOLDERS = 50;
const CONNECTIONS = 16;
const ROUNDS = 3;
const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const BASELINE = fileURLToPath(new URL('./baseline-server.ts', import.meta.url));

/**
 * TokenReviews a second through real TLS, over distinct valid tokens, beside a bare node:https server that does one JSON.parse, one ES256
 * verification and one JSON.stringify; each server in a process of its own, rounds interleaved.
 */
export async function benchReviews(): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const children: ChildProcess[] = [];
  try {
    const ca = await mintAuthority('bench-ca');
    const serving = await mintServing();
    const paths = {
      ca: join(directory, 'ca.pem'),
      cert: join(directory, 'tls.crt'),
      key: join(directory, 'tls.key'),
      config: join(directory, 'authn.yaml'),
    };
    writeFileSync(paths.ca, ca.pem);
    writeFileSync(paths.cert, serving.pem);
    writeFileSync(paths.key, serving.keyPem);
    writeFileSync(paths.config, CONFIG);
    const ours = await startOurs(paths, directory);
    const bare = await startBaseline(paths);
    children.push(ours.process, bare.process);
    const bodies = await mintReviews(ca);
    const classify = (body: string): string =>
      body.includes('"authenticated":true') ? 'authenticated' : body;
    const load = { ca: serving.pem, bodies, connections: CONNECTIONS, requests: TOKENS, classify };
    const rates = { ours: [] as number[], bare: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const result = await runLoad({ ...load, port: ours.port });
      if (result.answers.get('authenticated') !== TOKENS)
        throw new Error(`not all were authenticated: ${[...result.answers.keys()].join(' ').slice(0, 500)}`);
      rates.ours.push(result.perSecond);
      rates.bare.push((await runLoad({ ...load, port: bare.port })).perSecond);
    }
    return [
      compare('reviews/per-second', 'requests/s', {
        value: median(rates.ours),
        baseline: median(rates.bare),
      }),
    ];
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

const CONFIG = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {name: bench-ca}
  userValidationRules:
  - {expression: '!user.username.startsWith("system:")', message: no system users}
  - {expression: 'user.groups.exists(g, g == "dev")', message: developers only}
`;

interface Running {
  readonly process: ChildProcess;
  readonly port: number;
}

async function startOurs(
  paths: Readonly<Record<'ca' | 'cert' | 'key' | 'config', string>>,
  directory: string,
): Promise<Running> {
  const args = [
    'serve',
    '--config',
    paths.config,
    '--certificate-authority-file',
    paths.ca,
    '--audience',
    AUDIENCE,
    '--secure-port',
    '0',
  ];
  args.push(
    '--tls-cert-file',
    paths.cert,
    '--tls-private-key-file',
    paths.key,
    '--health-bind-address',
    '127.0.0.1:0',
    '--cert-dir',
    directory,
  );
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
  for await (const line of createInterface({ input: child.stderr })) {
    const entry = JSON.parse(line);
    if (entry.msg !== 'serving') continue;
    child.stderr.resume();
    return { process: child, port: entry.secure.port };
  }
  throw new Error('serve ended before it served');
}

async function startBaseline({ cert, key }: Readonly<Record<'cert' | 'key', string>>): Promise<Running> {
  const child = spawn(process.execPath, ['--import', 'tsx', BASELINE, cert, key], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { process: child, port: Number(line) };
  throw new Error('the baseline server ended before it served');
}

/** Reviews of distinct tokens: many of each of some holders, as kubectl makes them. */
async function mintReviews(ca: Identity): Promise<readonly string[]> {
  const holders = await Promise.all(
    Array.from({ length: HOLDERS }, (_, index) =>
      mintClient(ca, { subject: [{ CN: `user-${index}` }, { O: 'dev' }], notBefore: Date.now() - 3600_000 }),
    ),
  );
  const iat = Math.floor(Date.now() / 1000);
  return Array.from({ length: TOKENS }, (_, index) => {
    const holder = holders[index % HOLDERS];
    if (holder === undefined) throw new Error('no holder');
    const claims = { aud: AUDIENCE, iat, exp: iat + 600, jti: randomBytes(16).toString('base64url') };
    const token = mintToken({ chain: [holder.certificate], key: holder.key, claims });
    return JSON.stringify({
      kind: 'TokenReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {},
      spec: { token, audiences: ['https://kubernetes.default.svc'] },
      status: { user: {} },
    });
  });
}
