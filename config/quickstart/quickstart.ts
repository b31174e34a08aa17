/**
 * The main job in one run: a throw-away CA and client certificates, `kube-x509-authn serve` on loopback with a self-made
 * serving certificate, tokens by `kube-x509-authn token`, and TokenReviews posted over HTTPS as kube-apiserver does.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildCertificate } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import type { StructuredName } from '../../src/x509/build-name.ts';
import { generateKey } from '../../src/x509/signing-key.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const CONFIG = fileURLToPath(new URL('./authn.yaml', import.meta.url));
const AUDIENCE = 'x509.quickstart.example';
const HOUR = 3600 * 1000;

interface Server {
  readonly process: ChildProcess;
  readonly port: number;
}

interface Holder {
  readonly name: string;
  readonly certificate: string;
  readonly key: string;
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kube-x509-authn-'));
  let server: Server | undefined;
  try {
    const ca = await mintAuthority(directory, 'quickstart-ca');
    const stranger = await mintAuthority(directory, 'stranger-ca');
    const holders = [
      await ca.issue('alice', [{ CN: 'alice' }, { O: 'dev' }]),
      await ca.issue('mallory', [{ CN: 'mallory' }, { O: 'system:masters' }]),
      await stranger.issue('stranger', [{ CN: 'alice' }, { O: 'dev' }]),
    ];
    server = await startServer(directory, ca.certificate);
    console.log(`serving TokenReviews on https://127.0.0.1:${server.port}/authenticate\n`);
    for (const holder of holders) await show(holder, { directory, port: server.port });
  } finally {
    server?.process.kill('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function show(holder: Holder, { directory, port }: { directory: string; port: number }): Promise<void> {
  const args = ['token', '--cert', holder.certificate, '--key', holder.key, '--audience', AUDIENCE];
  const credential = JSON.parse(execFileSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' }));
  const review = {
    kind: 'TokenReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {},
    spec: { token: credential.status.token, audiences: ['https://kubernetes.default.svc'] },
    status: { user: {} },
  };
  const ca = readFileSync(join(directory, 'serving', 'tls.crt'));
  const answer = JSON.parse(await post(port, { ca, body: JSON.stringify(review) }));
  console.log(`${holder.name}: ${verdictOf(answer.status)}`);
  console.log(`${JSON.stringify(answer, null, 2)}\n`);
}

function verdictOf(status: { readonly authenticated: boolean; readonly error?: string }): string {
  if (status.authenticated) return 'authenticated';
  return status.error?.startsWith('path/') ? 'no opinion' : 'denied';
}

async function mintAuthority(directory: string, name: string) {
  const { publicKey, privateKey } = await generateKey('P-256');
  const validity = { notBefore: Date.now() - HOUR, notAfter: Date.now() + 24 * HOUR };
  const issuer = { selfSignedBy: privateKey };
  const der = await buildCertificate({ subject: [{ CN: name }], publicKey, issuer, isCA: true, ...validity });
  const certificate = join(directory, `${name}.crt`);
  writeFileSync(certificate, toPem(der, 'CERTIFICATE'));

  async function issue(file: string, subject: StructuredName): Promise<Holder> {
    const holder = await generateKey('P-256');
    const leaf = await buildCertificate({
      subject,
      publicKey: holder.publicKey,
      issuer: { certificate: der, key: privateKey },
      keyUsages: ['digitalSignature'],
      extKeyUsages: ['clientAuth'],
      ...validity,
    });
    const paths = { certificate: join(directory, `${file}.crt`), key: join(directory, `${file}.key`) };
    writeFileSync(paths.certificate, toPem(leaf, 'CERTIFICATE'));
    writeFileSync(paths.key, holder.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    return { name: file, ...paths };
  }
  return { certificate, issue };
}

/** Starts `serve` on free ports and waits until it says where it serves. */
async function startServer(directory: string, certificateAuthority: string): Promise<Server> {
  const args = ['serve', '--config', CONFIG, '--certificate-authority-file', certificateAuthority];
  args.push('--audience', AUDIENCE, '--secure-port', '0', '--health-bind-address', '127.0.0.1:0');
  args.push('--cert-dir', join(directory, 'serving'));
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
  for await (const line of createInterface({ input: child.stderr })) {
    const entry = parseLine(line);
    if (entry?.msg === 'serving') {
      child.stderr.resume();
      return { process: child, port: entry.secure.port };
    }
    if (entry === undefined) console.error(line);
  }
  throw new Error('the server ended before it served');
}

function parseLine(
  line: string,
): { readonly msg: string; readonly secure: { readonly port: number } } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function post(port: number, { ca, body }: { ca: Buffer; body: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: '/authenticate?timeout=30s',
      method: 'POST',
      ca,
      agent: false,
    };
    const call = request({ ...options, headers: { 'Content-Type': 'application/json' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    call.on('error', reject);
    call.end(body);
  });
}

await main();
