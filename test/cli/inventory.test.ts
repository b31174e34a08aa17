import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadKubeConfig } from '../../src/cli/cluster-client.ts';
import { listIssuedCertificates } from '../../src/cli/issued-certificates.ts';
import { type Identity, mintAuthority, mintClient } from '../pki.ts';
import { type CsrServer, startCsrServer, withoutRights } from './csr-server.ts';
import { run } from './program.ts';

let directory: string;
let server: CsrServer;
let clients: readonly Identity[];
let stranger: Identity;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'inventory-'));
  const ca = await mintAuthority('kubernetes');
  clients = await Promise.all(
    ['alice', 'bob', 'carol'].map((name) => mintClient(ca, { subject: [{ CN: name }] })),
  );
  stranger = await mintClient(ca, { subject: [{ CN: 'kubernetes-admin' }] });
  const serving = await mintClient(ca, { extKeyUsages: ['serverAuth'] });
  const requests = [
    { name: 'csr-a', certificate: `issued for alice\n${clients[0]!.pem}${ca.pem}` },
    { name: 'csr-open' },
    { name: 'csr-serving', signerName: 'kubernetes.io/kubelet-serving', certificate: serving.pem },
    { name: 'csr-b', certificate: clients[1]!.pem },
    {
      name: 'csr-bad\u001b[31m',
      certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    },
    { name: 'csr-a-again', certificate: clients[0]!.pem },
    { name: 'csr-c', certificate: clients[2]!.pem },
  ];
  server = await startCsrServer(requests, 3);
  writeFileSync(join(directory, 'kubeconfig'), server.kubeconfig);
  writeFileSync(join(directory, 'stranger.kubeconfig'), withoutRights(server.kubeconfig));
});

afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => rmSync(out(), { recursive: true, force: true }));

const out = (): string => join(directory, 'inventory');
const fingerprintsOf = (identities: readonly Identity[]): readonly string[] =>
  identities.map(({ certificate }) => certificate.fingerprint).toSorted();

function inventory(...args: readonly string[]) {
  return run(['inventory', '--out', out(), ...args]);
}

const collect = (): ReturnType<typeof run> => inventory('--kubeconfig', join(directory, 'kubeconfig'));

describe('inventory collects', () => {
  it('the client certificates that the cluster issued, page by page, each in a file of its fingerprint', async () => {
    const { code, stdout, stderr } = await collect();
    expect(code).toBe(0);
    expect(readdirSync(out()).toSorted()).toEqual(fingerprintsOf(clients).map((name) => `${name}.pem`));
    for (const { certificate, pem } of clients) {
      expect(readFileSync(join(out(), `${certificate.fingerprint}.pem`), 'utf8')).toBe(pem);
    }
    expect(stdout).toBe(
      `3 added to ${out()}, 1 there already\npassed over: without a certificate 1, for no client 1\n`,
    );
    expect(stderr).toMatch(
      /^kube-x509-authn: warning: "csr-bad\\x1b\[31m" of kubernetes.io\/kube-apiserver-client is passed over: x509: /,
    );
    expect(server.queries.slice(-3)).toEqual([
      'GET /apis/certificates.k8s.io/v1/certificatesigningrequests?limit=500',
      'GET /apis/certificates.k8s.io/v1/certificatesigningrequests?continue=3&limit=500',
      'GET /apis/certificates.k8s.io/v1/certificatesigningrequests?continue=6&limit=500',
    ]);
  });
  it('but not from an API server that says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const kubeconfig = readFileSync(join(directory, 'kubeconfig'), 'utf8');
    const path = join(directory, 'silent.kubeconfig');
    writeFileSync(path, kubeconfig.replace(/https:\/\/127\.0\.0\.1:\d+/, `https://127.0.0.1:${port}`));
    const listing = listIssuedCertificates(await loadKubeConfig({ kubeconfig: path }), 100);
    await expect(listing.next()).rejects.toThrow('it did not answer in time');
    silent.close();
  });
  it('and adds to what is there', async () => {
    await collect();
    rmSync(join(out(), `${clients[1]!.certificate.fingerprint}.pem`));
    expect((await collect()).stdout).toContain('1 added to');
  });
  it('and says what the API server says where it may not', async () => {
    const { code, stderr } = await inventory('--kubeconfig', join(directory, 'stranger.kubeconfig'));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^kube-x509-authn: cannot list the CertificateSigningRequests of https:\S+: certificatesigningrequests.certificates.k8s.io is forbidden/,
    );
    expect(stderr).not.toContain('stranger-token');
  });
});

describe('inventory explains an audit log', () => {
  const event = (
    id: string | undefined,
    { username = 'someone', groups = ['g'], at = '10:00' } = {},
  ): string =>
    JSON.stringify({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      stage: 'ResponseComplete',
      user: {
        username,
        groups,
        ...(id !== undefined && { extra: { 'authentication.kubernetes.io/credential-id': [id] } }),
      },
      requestReceivedTimestamp: `2026-11-20T${at}:00.000000Z`,
    });
  const idOf = ({ certificate }: Identity): string => `X509SHA256=${certificate.fingerprint}`;
  const writeLog = (lines: readonly string[]): string => {
    writeFileSync(join(directory, 'audit.log'), `${lines.join('\n')}\n`);
    return join(directory, 'audit.log');
  };

  it('by naming the certificates that are not in it, with who used them, and exits 1', async () => {
    await collect();
    const log = writeLog([
      event(idOf(stranger)),
      event(idOf(stranger), { username: 'kubernetes\u001b-admin', at: '11:00' }),
      event(idOf(clients[0]!)),
      event('JTI=1'),
      event(undefined),
      `X509SHA256= no JSON`,
    ]);
    const { code, stdout, stderr } = await inventory('--audit-log', log);
    expect(code).toBe(1);
    expect(stdout).toBe(
      `${log}: certificates 2, not in the inventory 1, of system:masters 0\n  ${idOf(stranger)}  someone, "kubernetes\\x1b-admin"  requests 2, last 2026-11-20T11:00:00Z  not in the inventory\n`,
    );
    expect(stderr).toContain(`${log}: malformed lines: 1`);
    expect(stderr).toContain(
      `1 certificate is not in ${out()}: find out whose they are and add them, or revoke them`,
    );
  });
  it('by saying so of a credential id that is none', async () => {
    const { code, stdout } = await inventory('--audit-log', writeLog([event('X509SHA256=12')]));
    expect(code).toBe(1);
    expect(stdout).toContain('  a credential id that is none  someone  requests 1,');
  });
  it('and is content where it knows them all, whoever put them there', async () => {
    await collect();
    writeFileSync(join(out(), 'admin.pem'), stranger.pem);
    const { code, stdout } = await inventory(
      '--audit-log',
      writeLog([stranger, ...clients].map((client) => event(idOf(client)))),
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining('certificates 4, not in the inventory 0')]);
  });
  it('by naming the certificates of system:masters too, which no policy reaches', async () => {
    await collect();
    const master = { username: 'root', groups: ['system:masters', 'system:authenticated'] };
    const { code, stdout } = await inventory('--audit-log', writeLog([event(idOf(clients[0]!), master)]));
    expect(code).toBe(0);
    expect(stdout).toContain('not in the inventory 0, of system:masters 1\n');
    expect(stdout).toMatch(
      /^ {2}X509SHA256=[0-9a-f]{64} {2}root {2}requests 1, last \S+Z {2}of system:masters: no webhook is asked about it$/m,
    );
  });
  it('from standard input too', async () => {
    const { code, stdout } = await run(['inventory', '--out', out(), '--audit-log', '-'], {
      input: event(idOf(stranger)),
    });
    expect([code, stdout]).toEqual([1, expect.stringContaining(idOf(stranger))]);
  });
});

describe('inventory refuses', () => {
  it.each<[string, () => readonly string[], string]>([
    ['to do nothing', () => [], 'give --kubeconfig or --in-cluster, --audit-log or both'],
    [
      'two clusters',
      () => ['--in-cluster', '--kubeconfig', 'x'],
      '--in-cluster takes the place of --kubeconfig: give one',
    ],
    ['to be in a cluster where it is not', () => ['--in-cluster'], 'this is no pod of a cluster'],
    [
      'a context without a kubeconfig',
      () => ['--context', 'x', '--audit-log', '-'],
      '--context goes with --kubeconfig',
    ],
    [
      'a kubeconfig that is not there',
      () => ['--kubeconfig', join(directory, 'nothing')],
      '--kubeconfig: cannot read',
    ],
    [
      'an audit log that is not there',
      () => ['--audit-log', join(directory, 'nothing')],
      '--audit-log: cannot read',
    ],
    [
      'a directory that is a file',
      () => ['--kubeconfig', join(directory, 'kubeconfig'), '--out', join(directory, 'kubeconfig')],
      '--out: cannot write',
    ],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await inventory(...args());
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
