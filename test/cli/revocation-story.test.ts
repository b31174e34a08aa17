import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DAY, HOUR, mintClient } from '../pki.ts';
import { run } from './program.ts';
import { type LogEntry, openWorkplace, type Serving, startServe, type Workplace } from './serving.ts';

let place: Workplace;
let serving: Serving | undefined;

afterEach(async () => {
  serving?.process.kill('SIGKILL');
  await serving?.ended;
  place.remove();
});

/** The very bytes that kube-apiserver 1.36 sends for `kubectl get namespaces`. */
function reviewOf(user: string, id: string): string {
  return `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":{"resourceAttributes":{"verb":"list","version":"v1","resource":"namespaces"},"user":"${user}","groups":["dev","system:authenticated"],"extra":{"authentication.kubernetes.io/credential-id":["${id}"]}},"status":{"allowed":false}}\n`;
}

interface Status {
  readonly allowed: boolean;
  readonly denied?: boolean;
  readonly reason?: string;
}

function ask(body: string): Promise<Status> {
  const agent = new Agent({ ca: place.serving.pem });
  const options = {
    host: '127.0.0.1',
    port: serving!.port,
    path: '/authorize?timeout=3s',
    method: 'POST',
    agent,
  };
  return new Promise((resolve, reject) => {
    const call = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()).status));
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** Asks until the answer is as wanted: how long a reload takes is the file system's affair. */
async function askUntil(body: string, isWanted: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const status = await ask(body);
    if (isWanted(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function startNative(): Promise<void> {
  place = await openWorkplace();
  place.write(
    'native.yaml',
    `apiVersion: kube-x509-authn.dev/v1alpha1
kind: NativeCertificatePolicy
revocation: {files: [${place.path('revoked.yaml')}]}
`,
  );
  place.write('revoked.yaml', 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n');
  const tls = ['--tls-cert-file', place.path('tls.crt'), '--tls-private-key-file', place.path('tls.key')];
  const ports = ['--secure-port', '0', '--health-bind-address', '127.0.0.1:0'];
  serving = await startServe(['serve', '--native-policy', place.path('native.yaml'), ...tls, ...ports]);
}

describe('a laptop with a kubeconfig is lost', () => {
  it('one command, while the server runs, denies its certificate and no other; taking the item back ends that', async () => {
    await startNative();
    const validity = { notBefore: Date.now() - HOUR, notAfter: Date.now() + DAY };
    const node = await mintClient(place.ca, {
      ...validity,
      subject: [{ CN: 'system:node:a' }, { O: 'system:nodes' }],
    });
    place.write('alice.crt', place.alice.pem);
    place.write('node.crt', node.pem);
    const alice = reviewOf('alice', `X509SHA256=${place.alice.certificate.fingerprint}`);
    const kubelet = reviewOf('system:node:a', `X509SHA256=${node.certificate.fingerprint}`);
    expect([await ask(alice), await ask(kubelet)]).toEqual([{ allowed: false }, { allowed: false }]);

    const revoke = (file: string, reason: string) =>
      run(['revoke', '--cert', place.path(file), '--reason', reason, '--file', place.path('revoked.yaml')]);
    expect((await revoke('alice.crt', 'laptop lost')).code).toBe(0);
    const denied = await askUntil(alice, (status) => status.denied === true);
    expect(denied).toEqual({
      allowed: false,
      denied: true,
      reason: expect.stringMatching(/^revocation\/revoked: laptop lost \(decision [0-9a-f]{16}\)$/),
    });
    const decisionId = /decision ([0-9a-f]+)/.exec(denied.reason ?? '')?.[1];
    const isLine = (entry: LogEntry): boolean => entry['decisionId'] === decisionId;
    await vi.waitUntil(() => serving!.entries.some(isLine), { timeout: 20_000 });
    expect(serving!.entries.find(isLine)).toMatchObject({
      msg: 'judged',
      code: 'revocation/revoked',
      credentialIds: [`X509SHA256=${place.alice.certificate.fingerprint}`],
    });
    expect(await ask(kubelet)).toEqual({ allowed: false });

    expect((await revoke('node.crt', 'disk sold')).code).toBe(0);
    expect((await askUntil(kubelet, (status) => status.denied === true)).reason).toContain('disk sold');

    const list = readFileSync(place.path('revoked.yaml'), 'utf8');
    place.write('revoked.yaml', list.replace(/^# "alice".*\n- sha256: .*\n {2}reason: .*\n/m, ''));
    expect(await askUntil(alice, (status) => status.denied !== true)).toEqual({ allowed: false });
    expect((await ask(kubelet)).denied).toBe(true);
  });

  it('is seen in readiness and metrics', async () => {
    await startNative();
    await ask(reviewOf('bob', 'JTI=1'));
    expect((await serving!.get('/readyz?verbose')).text).toMatch(
      /^\[\+\]native-policy ok: sha256:[0-9a-f]{64}$/m,
    );
    const metrics = (await serving!.get('/metrics')).text;
    expect(metrics).toContain('kube_x509_authn_native_reviews_total{outcome="not-concerned"} 1');
    expect(metrics).toMatch(/kube_x509_authn_last_config_info\{source="native-policy",hash="sha256:/);
  });
});

describe('a policy that is bad at the start', () => {
  it('is told with its places, and nothing is served', async () => {
    place = await openWorkplace();
    place.write(
      'native.yaml',
      'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: NativeCertificatePolicy\nrules: []\n',
    );
    const { code, stderr } = await run(['serve', '--native-policy', place.path('native.yaml')]);
    expect(code).toBe(1);
    expect(stderr).toContain(`native.yaml:3:1: strict decoding error: unknown field "rules"`);
    serving = undefined;
  });
});
