import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps, type RequestOptions } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { generateKey } from '../../src/x509/signing-key.ts';
import { type Identity, mintServing } from '../pki.ts';
import {
  type ControlPlane,
  type CredentialKind,
  filesOf,
  pluginOf,
  type Site,
  type Whoami,
} from './control-plane.ts';

/** How long etcd and kube-apiserver may take to be ready … */
const PATIENCE_MS = 120_000;

/** … and to end. */
const END_MS = 10_000;

/** How long a kubectl may take: kube-apiserver waits 30 s for a webhook, and kubectl asks twice. */
export const CALL_MS = 90_000;

/** The binaries, by envtest's convention: a directory with etcd, kube-apiserver and kubectl. */
export function findAssets(directory: string | undefined): string | undefined {
  if (directory === undefined || directory === '') return undefined;
  for (const name of ['etcd', 'kube-apiserver', 'kubectl'])
    if (!existsSync(join(directory, name))) throw new Error(`KUBEBUILDER_ASSETS: no ${name} in ${directory}`);
  return directory;
}

/** The minor version of a kube-apiserver, by its `--version`: 36 of `Kubernetes v1.36.2`. */
export function minorVersionOf(assets: string): number {
  const text = execFileSync(join(assets, 'kube-apiserver'), ['--version'], { encoding: 'utf8' });
  const [, minor] = /^Kubernetes v1\.(\d+)/.exec(text) ?? [];
  if (minor === undefined) throw new Error(`kube-apiserver --version says ${JSON.stringify(text)}`);
  return Number(minor);
}

/** Starts etcd and a kube-apiserver that asks the webhook, both on loopback. */
export async function startRealControlPlane(assets: string, site: Site): Promise<ControlPlane> {
  const [serving, port] = [await mintServing(), await freePort()];
  const flags = {
    'authentication-token-webhook-config-file': site.webhookKubeconfig,
    'authentication-token-webhook-version': 'v1',
    'authentication-token-webhook-cache-ttl': '0s',
    'authorization-mode': 'RBAC',
  };
  const apiserver = await startApiserver(assets, { site, serving, port, flags });
  return {
    ...apiserver,
    title: `kube-apiserver of ${assets}`,
    whoami: (holder, by = 'token') =>
      whoami(join(assets, 'kubectl'), toKubeconfig({ site, serving, port, holder, by }), site),
    server: { port, ca: join(site.directory, 'apiserver.crt') },
    log: apiserver.output,
  };
}

/** A kube-apiserver to be: where its files go, what it serves with, and its flags beside those that it always needs. */
export interface ApiserverParts {
  readonly site: Pick<Site, 'directory' | 'write'>;
  readonly serving: Identity;
  readonly port: number;
  readonly flags: Readonly<Record<string, string>>;
}

/** A kube-apiserver with its etcd: its output so far, its audit log so far, and its end. */
export interface Apiserver extends Pick<ControlPlane, 'audit' | 'close'> {
  readonly output: () => string;
}

/** Starts etcd and a kube-apiserver on loopback, and waits until it is ready. */
export async function startApiserver(assets: string, parts: ApiserverParts): Promise<Apiserver> {
  const { site, serving, port } = parts;
  const [etcdPort, peerPort] = [await freePort(), await freePort()];
  const auditLog = join(site.directory, 'kube-apiserver-audit.log');
  const flags = await apiserverFlags(parts, etcdPort, auditLog);
  const processes: Running[] = [];
  const close = async (): Promise<void> => {
    for (const running of processes.toReversed()) await end(running);
  };
  try {
    const etcd = start(join(assets, 'etcd'), etcdFlags({ site, etcdPort, peerPort }));
    processes.push(etcd);
    await untilReady(etcd, () => isUp(getHttp, { port: etcdPort, path: '/health' }));
    const apiserver = start(join(assets, 'kube-apiserver'), flags);
    processes.push(apiserver);
    await untilReady(apiserver, () => isUp(getHttps, { port, path: '/readyz', ca: serving.pem }));
    return { output: apiserver.output, audit: () => readAudit(auditLog), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function readAudit(auditLog: string): ReturnType<ControlPlane['audit']> {
  const text = existsSync(auditLog) ? readFileSync(auditLog, 'utf8') : '';
  // The last line may be half-written.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').filter(Boolean);
  return { text: whole, lines: lines.map((line) => JSON.parse(line)) };
}

function etcdFlags({
  site,
  etcdPort,
  peerPort,
}: {
  readonly site: Pick<Site, 'directory'>;
  readonly etcdPort: number;
  readonly peerPort: number;
}): readonly string[] {
  return [
    `--data-dir=${join(site.directory, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
    `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    '--unsafe-no-fsync',
  ];
}

async function apiserverFlags(
  { site, serving, port, flags }: ApiserverParts,
  etcdPort: number,
  auditLog: string,
): Promise<string[]> {
  const { publicKey, privateKey } = await generateKey('P-256');
  const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] };
  const files = {
    'tls-cert-file': site.write('apiserver.crt', serving.pem),
    'tls-private-key-file': site.write('apiserver.key', serving.keyPem),
    'service-account-key-file': site.write(
      'sa.pub',
      publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ),
    'service-account-signing-key-file': site.write(
      'sa.key',
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
    'audit-policy-file': site.write('audit-policy.yaml', stringify(policy)),
  };
  const values = {
    ...files,
    // Else it is looked for on the interface of the default route, and a machine without one does not start.
    'advertise-address': '127.0.0.1',
    ...flags,
    'audit-log-path': auditLog,
    'audit-log-mode': 'blocking',
    'bind-address': '127.0.0.1',
    'cert-dir': site.directory,
    'disable-admission-plugins': 'ServiceAccount',
    // Endpoints may not be on loopback.
    'endpoint-reconciler-type': 'none',
    'etcd-servers': `http://127.0.0.1:${etcdPort}`,
    'secure-port': String(port),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-cluster-ip-range': '10.0.0.0/24',
  };
  return Object.entries(values).map(([flag, value]) => `--${flag}=${value}`);
}

function toKubeconfig(
  parts: Pick<ApiserverParts, 'serving' | 'port'> & { site: Site; holder: Identity; by: CredentialKind },
): string {
  const { site, serving, port, holder, by } = parts;
  const cluster =
    by === 'certificate'
      ? { server: `https://127.0.0.1:${site.nginx.port}`, 'certificate-authority': site.nginx.ca }
      : {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': Buffer.from(serving.pem).toString('base64'),
        };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster }],
    users: [{ name: 'holder', user: toUser(holder, site, by) }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'holder' } }],
    'current-context': 'e2e',
  };
  return site.write(`${holder.certificate.fingerprint.slice(0, 16)}.kubeconfig`, stringify(kubeconfig));
}

function toUser(holder: Identity, site: Site, by: CredentialKind): object {
  if (by === 'certificate') {
    const { cert, key } = filesOf(holder, site);
    return { 'client-certificate': cert, 'client-key': key };
  }
  const { command, args } = pluginOf(holder, site, by);
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args, interactiveMode: 'Never' } };
}

function whoami(kubectl: string, kubeconfig: string, { directory }: Site): Promise<Whoami> {
  const args = [
    '--kubeconfig',
    kubeconfig,
    '--cache-dir',
    join(directory, 'cache'),
    'auth',
    'whoami',
    '-o',
    'json',
  ];
  const env = { PATH: process.env['PATH'], HOME: directory };
  return new Promise((resolve, reject) => {
    execFile(kubectl, args, { env, timeout: CALL_MS }, (error, stdout, stderr) => {
      if (error === null) {
        const { username, groups = [], extra = {} } = JSON.parse(stdout).status.userInfo;
        resolve({ kind: 'user', user: { username, groups, extra } });
      } else if (stderr.includes('Unauthorized')) resolve({ kind: 'unauthorized', message: stderr });
      else reject(new Error(`kubectl: ${error.message}\n${stdout}${stderr}`));
    });
  });
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly output: () => string;
}

function start(program: string, args: readonly string[]): Running {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  const ended = new Promise((resolve) =>
    child.once('close', resolve).once('error', (error) => {
      text += `${error.message}\n`;
      resolve(error);
    }),
  );
  return { child, ended, output: () => text };
}

/** Ends a process in its own way, or else at once. */
async function end({ child, ended }: Running): Promise<void> {
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(deadline);
}

async function untilReady(running: Running, isReady: () => Promise<boolean>): Promise<void> {
  const { child, output } = running;
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isReady())) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || performance.now() > deadline)
      throw new Error(`${child.spawnfile} ${hasEnded ? 'ended' : 'is not ready'}:\n${output().slice(-4000)}`);
    await delay(250);
  }
}

function isUp(get: typeof getHttps | typeof getHttp, options: RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get({ host: '127.0.0.1', timeout: 5000, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
  });
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}
