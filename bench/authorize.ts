import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { mintAuthority, mintServing } from '../test/pki.ts';
import { type Bodies, runLoad } from './load.ts';
import { compare, type Measurement, median } from './measurement.ts';

const USERS = 10_000;
const ATTRIBUTES = 50;
const CONNECTIONS = 16;
const ROUNDS = 5;
/** All of ours together are every user with every attribute once. */
const OURS_A_ROUND = (USERS * ATTRIBUTES) / ROUNDS;
const BARE_A_ROUND = OURS_A_ROUND / 5;
const REVOKED = 100;

const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const BASELINE = fileURLToPath(new URL('./baseline-server.ts', import.meta.url));

/**
 * SubjectAccessReviews a second through real TLS, of 10,000 users with 50 different requests each, of whom every hundredth is revoked; beside a
 * bare node:https server that does one JSON.parse and one JSON.stringify. Each server in a process of its own, rounds interleaved.
 */
export async function benchAuthorize(): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const children: ChildProcess[] = [];
  try {
    const { ca, ours, bare } = await start(directory, children);
    const base = { ca, path: '/authorize?timeout=3s', connections: CONNECTIONS };
    const rates = { ours: [] as number[], bare: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const bodies = reviews(round * OURS_A_ROUND);
      const result = await runLoad({ ...base, port: ours, bodies, requests: OURS_A_ROUND, classify });
      expect(result.answers);
      rates.ours.push(result.perSecond);
      rates.bare.push(
        (await runLoad({ ...base, port: bare, bodies, requests: BARE_A_ROUND, classify })).perSecond,
      );
    }
    const rate = { value: median(rates.ours), baseline: median(rates.bare) };
    return [compare('authorize/per-second', 'requests/s', rate)];
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

const CONFIG = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {name: bench-ca}
`;

const POLICY = `apiVersion: kube-x509-authn.dev/v1alpha1
kind: NativeCertificatePolicy
userValidationRules:
- {expression: '!user.username.startsWith("old-")', message: old accounts are closed}
- {expression: '!("contractors" in user.groups)', message: no contractors}
`;

const fingerprintOf = (user: number): string => hash('sha256', `user-${user}`, 'hex');

/** The reviews from one on, as kube-apiserver sends them: first every user's first request, then every user's second. */
function reviews(first: number): Bodies {
  return {
    length: OURS_A_ROUND,
    at: (index) => review((first + index) % USERS, Math.floor((first + index) / USERS)),
  };
}

function review(user: number, attribute: number): string {
  const attributes = `"resourceAttributes":{"namespace":"ns-${attribute}","verb":"list","version":"v1","resource":"pods"}`;
  const extra = `{"authentication.kubernetes.io/credential-id":["X509SHA256=${fingerprintOf(user)}"]}`;
  return `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":{${attributes},"user":"user-${user}","groups":["dev","ops","system:authenticated"],"extra":${extra}},"status":{"allowed":false}}\n`;
}

function classify(body: string): string {
  return body.includes('"denied":true') ? 'denied' : 'no-opinion';
}

function expect(answers: ReadonlyMap<string, number>): void {
  const denied = answers.get('denied') ?? 0;
  if (denied !== OURS_A_ROUND / REVOKED)
    throw new Error(`${denied} of ${OURS_A_ROUND} were denied, and not every hundredth`);
}

interface Started {
  readonly ca: string;
  /** Ports. */
  readonly ours: number;
  readonly bare: number;
}

async function start(directory: string, children: ChildProcess[]): Promise<Started> {
  const serving = await mintServing();
  const write = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const [cert, key] = [write('tls.crt', serving.pem), write('tls.key', serving.keyPem)];
  const revoked = Array.from(
    { length: USERS / REVOKED },
    (_, index) => `- {sha256: "${fingerprintOf(index * REVOKED)}"}\n`,
  );
  const list = write(
    'revoked.yaml',
    `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\nfingerprints:\n${revoked.join('')}`,
  );
  const args = ['serve', '--config', write('authn.yaml', CONFIG), '--audience', 'x509.bench.example'];
  args.push('--certificate-authority-file', write('ca.pem', (await mintAuthority('bench-ca')).pem));
  args.push('--native-policy', write('native.yaml', `${POLICY}revocation: {files: [${list}]}\n`));
  args.push(
    '--tls-cert-file',
    cert,
    '--tls-private-key-file',
    key,
    '--secure-port',
    '0',
    '--health-bind-address',
    '127.0.0.1:0',
  );
  const ours = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
  const bare = spawn(process.execPath, ['--import', 'tsx', BASELINE, cert, key, 'unsigned'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(ours, bare);
  return { ca: serving.pem, ours: await portOfServe(ours), bare: await portOfBaseline(bare) };
}

async function portOfServe({ stderr }: ChildProcess): Promise<number> {
  if (stderr === null) throw new Error('serve has no log');
  for await (const line of createInterface({ input: stderr })) {
    const entry = JSON.parse(line);
    if (entry.msg !== 'serving') continue;
    stderr.resume();
    return entry.secure.port;
  }
  throw new Error('serve ended before it served');
}

async function portOfBaseline({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('the baseline server says nothing');
  for await (const line of createInterface({ input: stdout })) return Number(line);
  throw new Error('the baseline server ended before it served');
}
