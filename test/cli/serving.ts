import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { mintToken } from '../../src/credential/mint-token.ts';
import { expectNoSecrets, findSecret } from '../server/secrets.ts';
import { DAY, HOUR, type Identity, mintAuthority, mintClient, mintServing } from '../pki.ts';

/** The command line as it ships. */
export const PROGRAM: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export const AUDIENCE = 'x509.test.example';

/** Files for `serve` in a directory of their own. */
export interface Workplace {
  readonly directory: string;
  readonly ca: Identity;
  readonly alice: Identity;
  readonly serving: Identity;
  path(name: string): string;
  /** Replaces a file by a rename. */
  write(name: string, text: string): string;
  /** A configuration that denies, with the reason `message`, whoever is not alice; or everybody. */
  configure(message: string, expression?: string): void;
  /** Removes it all. Throws where an audit trail in it has a secret. */
  remove(): void;
}

export async function openWorkplace(): Promise<Workplace> {
  const directory = mkdtempSync(join(tmpdir(), 'serve-'));
  // Processes live by the machine's own clock.
  const validity = { notBefore: Date.now() - HOUR, notAfter: Date.now() + DAY };
  const ca = await mintAuthority('my-ca', validity);
  const path = (name: string): string => join(directory, name);
  const workplace: Workplace = {
    directory,
    ca,
    alice: await mintClient(ca, validity),
    serving: await mintServing(),
    path,
    write(name, text) {
      writeFileSync(path('new'), text);
      renameSync(path('new'), path(name));
      return path(name);
    },
    configure(message, expression = 'user.username == "alice"') {
      workplace.write('authn.yaml', configOf(message, expression));
    },
    remove() {
      const trails = readdirSync(directory).filter((name) => /^audit.*\.log$/.test(name));
      const lines = trails.flatMap((name) => readFileSync(path(name), 'utf8').split('\n'));
      rmSync(directory, { recursive: true, force: true });
      expectNoSecrets(lines);
    },
  };
  workplace.configure('alice only');
  workplace.write('ca.pem', ca.pem);
  workplace.write('tls.crt', workplace.serving.pem);
  workplace.write('tls.key', workplace.serving.keyPem);
  return workplace;
}

function configOf(message: string, expression: string): string {
  return `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {name: my-ca}
  userValidationRules:
  - {expression: '${expression}', message: ${message}}
`;
}

/** A `serve` in a process of its own. */
export interface Serving {
  readonly process: ChildProcess;
  readonly port: number;
  readonly healthPort: number;
  /** Everything it has logged. */
  readonly entries: LogEntry[];
  /** How it ended: the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
}

export interface LogEntry {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The flags that every `serve` under test has; a later flag of the same name wins. */
export function flagsOf(place: Workplace): readonly string[] {
  const files = ['--config', place.path('authn.yaml'), '--certificate-authority-file', place.path('ca.pem')];
  const tls = ['--tls-cert-file', place.path('tls.crt'), '--tls-private-key-file', place.path('tls.key')];
  return [
    'serve',
    ...files,
    ...tls,
    '--audience',
    AUDIENCE,
    '--secure-port',
    '0',
    '--health-bind-address',
    '127.0.0.1:0',
  ];
}

/** Starts `serve` and waits until it serves. Rejects with what it printed where it ends before. */
export async function startServe(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Serving> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | string>((resolve, reject) =>
    child.once('exit', (code, signal) => {
      const secret = findSecret(printed);
      if (secret === undefined) resolve(code ?? signal ?? 'unknown');
      else reject(new Error(`printed ${secret}`));
    }),
  );
  const entries: LogEntry[] = [];
  const printed: string[] = [];
  const ready = new Promise<LogEntry>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      printed.push(line);
      const entry = parseLine(line);
      if (entry === undefined) return;
      entries.push(entry);
      if (entry.msg === 'serving') resolve(entry);
    });
    child.stderr.once('close', () => reject(new Error(printed.join('\n'))));
  });
  const { secure, health } = (await ready) as unknown as Record<'secure' | 'health', { port: number }>;
  return {
    process: child,
    port: secure.port,
    healthPort: health.port,
    entries,
    ended,
    get: (path) => getPage(`http://127.0.0.1:${health.port}${path}`),
  };
}

/** Over a connection of its own: one that is kept may be ended while this side is busy with other things. */
function getPage(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    }).on('error', reject);
  });
}

function parseLine(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A fresh token of a holder's, in a TokenReview. */
export function freshReview(holder: Identity): string {
  const iat = Math.floor(Date.now() / 1000);
  const token = mintToken({
    chain: [holder.certificate],
    key: holder.key,
    claims: { aud: AUDIENCE, iat, exp: iat + 300, jti: 'test' },
  });
  return JSON.stringify({
    kind: 'TokenReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {},
    spec: { token },
    status: { user: {} },
  });
}

/** How a caller reaches a server. */
export interface Calling {
  readonly port: number;
  readonly ca: string;
  readonly agent?: Agent;
  readonly cert?: string;
  readonly key?: string;
  readonly bearer?: string;
}

export interface Reviewed {
  readonly code: number;
  readonly connection: string | undefined;
  /** The TokenReview's status, or the message of a Status. */
  readonly status: { readonly authenticated?: boolean; readonly error?: string } | string;
}

/** Posts a TokenReview. Rejects where there is no answer. */
export function review(
  body: string,
  { bearer, agent = new Agent(), ...options }: Calling,
): Promise<Reviewed> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    };
    const call = request(
      { host: '127.0.0.1', path: '/authenticate', method: 'POST', agent, headers, ...options },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(chunks).toString());
          const status = answer.kind === 'TokenReview' ? answer.status : answer.message;
          resolve({ code: response.statusCode ?? 0, connection: response.headers.connection, status });
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}
