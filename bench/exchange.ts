import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { type Identity, mintAuthority, mintClient, mintServing } from '../test/pki.ts';
import { compare, type Measurement, median } from './measurement.ts';

const EXCHANGES = 600;
const HOLDERS = 50;
const CONNECTIONS = 8;
const ROUNDS = 3;
const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const BARE = fileURLToPath(new URL('./mtls-server.ts', import.meta.url));

const CONFIG = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {name: bench-ca}
  requestValidationRules:
  - {expression: 'cidr("127.0.0.0/8").containsIP(request.remoteaddr)', message: loopback only}
  userValidationRules:
  - {expression: '!user.username.startsWith("system:")', message: no system users}
`;

/**
 * Exchanges a second, each over a TLS connection of its own, beside a bare node:https server that asks for a certificate and answers; each
 * server in a process of its own, rounds interleaved.
 */
export async function benchExchange(): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const children: ChildProcess[] = [];
  try {
    const ca = await mintAuthority('bench-ca');
    const serving = await mintServing();
    const write = (name: string, text: string): string => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const files = {
      ca: write('ca.pem', ca.pem),
      cert: write('tls.crt', serving.pem),
      key: write('tls.key', serving.keyPem),
      config: write('authn.yaml', CONFIG),
      directory,
    };
    const ours = await startOurs(files);
    const bare = await startBare(files);
    children.push(ours.process, bare.process);
    const contexts = await mintContexts(ca, serving);
    const rates = { ours: [] as number[], bare: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.ours.push(await measure(ours.port, contexts));
      rates.bare.push(await measure(bare.port, contexts));
    }
    const value = median(rates.ours);
    return [compare('exchange/per-second', 'exchanges/s', { value, baseline: median(rates.bare) })];
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Running {
  readonly process: ChildProcess;
  readonly port: number;
}

type Files = Readonly<Record<'ca' | 'cert' | 'key' | 'config' | 'directory', string>>;

async function startOurs({ ca, cert, key, config, directory }: Files): Promise<Running> {
  const flags = {
    config,
    'certificate-authority-file': ca,
    audience: 'x509.bench.example',
    'secure-port': '0',
    'health-bind-address': '127.0.0.1:0',
    'exchange-bind-address': '127.0.0.1:0',
    'tls-cert-file': cert,
    'tls-private-key-file': key,
    'cert-dir': directory,
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [PROGRAM, 'serve', ...args], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const entry = JSON.parse(line);
    if (entry.msg !== 'serving') continue;
    child.stderr.resume();
    return { process: child, port: entry.exchange.port };
  }
  throw new Error('serve ended before it served');
}

async function startBare({ cert, key, ca }: Files): Promise<Running> {
  const child = spawn(process.execPath, ['--import', 'tsx', BARE, cert, key, ca], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { process: child, port: Number(line) };
  throw new Error('the bare server ended before it served');
}

function mintContexts(ca: Identity, serving: Identity): Promise<readonly SecureContext[]> {
  return Promise.all(
    Array.from({ length: HOLDERS }, async (_, index) => {
      const holder = await mintClient(ca, { subject: [{ CN: `user-${index}` }, { O: 'dev' }] });
      return createSecureContext({ cert: holder.pem, key: holder.keyPem, ca: serving.pem });
    }),
  );
}

async function measure(port: number, contexts: readonly SecureContext[]): Promise<number> {
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < EXCHANGES) {
        next += 1;
        await exchange(port, contexts[next % contexts.length]);
      }
    }),
  );
  return EXCHANGES / ((performance.now() - start) / 1000);
}

/** One exchange over one connection. */
function exchange(port: number, secureContext: SecureContext | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ...(secureContext && { secureContext }),
    });
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (!answer.endsWith('}')) return;
      socket.destroy();
      if (answer.startsWith('HTTP/1.1 200 ') && answer.includes('access_token')) resolve();
      else reject(new Error(answer));
    });
    socket.write(
      'POST /exchange HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
  });
}
