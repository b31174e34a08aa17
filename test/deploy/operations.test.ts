import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  flagsOf,
  freshReview,
  openWorkplace,
  review,
  type Serving,
  startServe,
  type Workplace,
} from '../cli/serving.ts';
import { eventually } from '../eventually.ts';
import { mintClient } from '../pki.ts';
import { goQuote } from '../../src/x509/go-text.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const DOCS = readFileSync(join(PROJECT, 'docs/operations.md'), 'utf8');

let place: Workplace;
let serving: Serving;
let deniedId: string;

beforeAll(async () => {
  place = await openWorkplace();
  const trail = ['--audit-log-path', place.path('audit.log')];
  serving = await startServe([...flagsOf(place), ...trail]);
  const validity = {
    notBefore: place.alice.certificate.notBefore,
    notAfter: place.alice.certificate.notAfter,
  };
  const bob = await mintClient(place.ca, { subject: [{ CN: 'bob' }], ...validity });
  for (const holder of [place.alice, bob])
    await review(freshReview(holder), { port: serving.port, ca: place.serving.pem });
  const denied = await eventually(() => {
    const entry = serving.entries.find(({ outcome }) => outcome === 'denied');
    if (entry === undefined) throw new Error('nobody is denied yet');
    return entry;
  });
  deniedId = String(denied['decisionId']);
});
afterAll(async () => {
  serving.process.kill('SIGTERM');
  await serving.ended;
  place.remove();
});

/** The command that answers a question, with this test's files, ports and ids in the place of the page's. */
function ask(question: string): string {
  const section = DOCS.slice(DOCS.indexOf(`**${question}**`));
  const [, command = ''] = /```sh\n(.*?)```/s.exec(section) ?? [];
  expect(command.trim().split('\n')).toHaveLength(1);
  const here = command
    .replaceAll('127.0.0.1:8081', `127.0.0.1:${serving.healthPort}`)
    .replaceAll('/var/log/kube-x509-authn', place.directory)
    .replaceAll('/etc/kubernetes/x509-authn', place.directory)
    .replaceAll('4be1c7a09d52e3f6', deniedId)
    .replaceAll(/X509SHA256=[0-9a-f]{64}/g, `X509SHA256=${place.alice.certificate.fingerprint}`);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', here], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

describe("an operator's question has an answer:", () => {
  it('Why was this login denied?', () => {
    const line = JSON.parse(ask('Why was this login denied?'));
    expect(line).toMatchObject({
      event: 'decided',
      outcome: 'denied',
      code: 'user/denied',
      why: 'alice only',
      entry: 'x509[0]/my-ca',
      steps: [{ stage: 'user', rule: 0, result: false }],
    });
  });

  it('What did this certificate do?', () => {
    const line = JSON.parse(ask('What did this certificate do?'));
    expect(line).toMatchObject({ outcome: 'authenticated', anchor: place.ca.certificate.fingerprint });
  });

  it('Which entries are in use?', () => {
    expect(ask('Which entries are in use?')).toContain(
      'authentication_attempts_total{result="authenticated",entry="x509[0]/my-ca"} 1',
    );
  });

  it('Which CA can be retired?', async () => {
    const anchor = place.ca.certificate.fingerprint.slice(0, 16);
    const { text } = await serving.get('/metrics');
    expect(text).toContain(`anchor_uses_total{entry="x509[0]/my-ca",anchor="${anchor}"} 1`);
    const [, command = ''] = /Which CA can be retired[^]*?```sh\n(.*?)```/s.exec(DOCS) ?? [];
    const [, pattern = ''] = /grep '(.*)'/.exec(command) ?? [];
    const unused = text.replace(new RegExp(`(anchor="${anchor}"\\}) 1`), '$1 0');
    expect(text).not.toMatch(new RegExp(pattern, 'm'));
    expect(unused).toMatch(new RegExp(pattern, 'm'));
  });

  it('Is the new policy in force?', () => {
    const hash = createHash('sha256')
      .update(readFileSync(place.path('authn.yaml')))
      .digest('hex');
    expect(ask('Is the new policy in force?')).toBe(`[+]authentication-config ok: sha256:${hash}\n`);
  });

  it('When does what expire?', () => {
    const answer = ask('When does what expire?');
    for (const metric of ['anchor', 'serving_certificate', 'client_certificate'])
      expect(answer).toMatch(new RegExp(`^kube_x509_authn_${metric}_expiration_seconds`, 'm'));
  });

  it('Which rules let requests pass that they could not evaluate?', async () => {
    place.configure('missing', 'user.extra["example.org/missing"][0] == "x"');
    await expect
      .poll(async () => {
        await review(freshReview(place.alice), { port: serving.port, ca: place.serving.pem });
        return serving.entries.some(({ msg }) => msg.startsWith('rule could not be evaluated'));
      })
      .toBe(true);
    const [line = ''] = ask('Which rules let requests pass that they could not evaluate?').split('\n');
    expect(JSON.parse(line)).toMatchObject({
      entry: 'x509[0]/my-ca',
      expression: 'user.extra["example.org/missing"][0] == "x"',
      error: 'no such key: example.org/missing',
    });
  });

  it('and no question is without such a test', () => {
    const section = DOCS.slice(DOCS.indexOf('## Questions'), DOCS.indexOf('## Alerts'));
    const source = readFileSync(fileURLToPath(import.meta.url), 'utf8');
    const questions = [...section.matchAll(/^\*\*(.+\?)\*\*/gm)].map(([, question = '']) => question);
    expect(questions).toHaveLength(7);
    for (const question of questions) expect(source).toContain(`it('${question}'`);
  });
});

/**
 * What kube-apiserver 1.36 logs: as it was seen to, with the errors as Go 1.26 (net, net/http, crypto/x509, context) and client-go word them. Whoever changes
 * the table looks there.
 */
const UPSTREAM: readonly string[] = [
  'user/denied: no system groups (decision 4be1c7a09d52e3f6)',
  'caller/no-certificate: the caller presented no client certificate',
  'Post "https://127.0.0.1:8443/authenticate?timeout=30s": dial tcp 127.0.0.1:8443: connect: connection refused',
  'Post "https://127.0.0.1:8443/authenticate?timeout=30s": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  'Post "https://127.0.0.1:8443/authenticate?timeout=30s": tls: failed to verify certificate: x509: certificate is valid for 10.0.0.1, not 127.0.0.1',
  'the server has asked for the client to provide credentials',
  'Post "https://127.0.0.1:8443/authenticate?timeout=30s": context deadline exceeded',
  'Post "https://127.0.0.1:8443/authenticate?timeout=30s": unexpected EOF',
]
  .map((error) => unableTo(`[invalid bearer token, ${error}]`))
  .concat(
    unableTo('invalid bearer token'),
    '"command failed" err="failed to load authentication configuration from file \\"/etc/kubernetes/authn.yaml\\": strict decoding error: unknown field \\"x509\\""',
    '"command failed" err="unsupported authentication webhook version \\"v2\\", supported versions are \\"v1\\", \\"v1beta1\\""',
  );

/** klog quotes as Go's %q does. */
function unableTo(error: string): string {
  return `"Unable to authenticate the request" err=${goQuote(error)}`;
}

describe('the troubleshooting table', () => {
  it('has lines that kube-apiserver writes, to the letter', () => {
    const table = DOCS.slice(DOCS.indexOf("kube-apiserver's, in `err="), DOCS.indexOf('\nOurs:\n'));
    const rows = [...table.matchAll(/^\| `(.+?)` \|/gm)].map(([, row = '']) => row);
    expect(rows.length).toBeGreaterThan(9);
    const parts = rows.map((row) => row.split('…'));
    const has = (line: string, row: readonly string[]): boolean => {
      let from = 0;
      return row.every((part) => {
        const at = line.indexOf(part, from);
        from = at + part.length;
        return at >= 0;
      });
    };
    const unwritten = parts.filter((row) => !UPSTREAM.some((line) => has(line, row)));
    expect(unwritten.map((row) => row.join('…'))).toEqual([]);
    expect(UPSTREAM.filter((line) => !parts.some((row) => has(line, row)))).toEqual([]);
  });

  it('has lines that the server writes, to the letter', () => {
    const source = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(PROJECT, 'src', file), 'utf8'))
      .join('\n');
    const table = DOCS.slice(DOCS.indexOf('\nOurs:\n'));
    const lines = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, line = '']) => line);
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      const written = line.replace('authentication config', `\${title}`);
      expect(source).toContain(written);
    }
  });
});
