import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Identity, mintServing } from '../pki.ts';

/** A CertificateSigningRequest as far as it matters here; `certificate` is PEM. */
export interface FakeRequest {
  readonly name: string;
  readonly signerName?: string;
  readonly certificate?: string;
}

/** An API server that has nothing but CertificateSigningRequests, which it lists in pages to who shows its token. */
export interface CsrServer {
  readonly kubeconfig: string;
  /** The queries it was asked, in order. */
  readonly queries: readonly string[];
  close(): Promise<void>;
}

const TOKEN = 'collector-token';

/** Starts one over TLS. It gives at most `pageSize` requests at once, whatever it is asked for. */
export async function startCsrServer(requests: readonly FakeRequest[], pageSize: number): Promise<CsrServer> {
  const serving = await mintServing();
  const queries: string[] = [];
  const server = createServer({ cert: serving.pem, key: serving.keyPem }, (request, response) => {
    const url = new URL(request.url ?? '', 'https://localhost');
    queries.push(`${request.method} ${url.pathname}${url.search}`);
    const send = (code: number, body: object): void => {
      response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      const message =
        'certificatesigningrequests.certificates.k8s.io is forbidden: User "u" cannot list resource';
      send(403, {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message,
        reason: 'Forbidden',
        code: 403,
      });
      return;
    }
    const start = Number(url.searchParams.get('continue') ?? 0);
    const end = start + pageSize;
    send(200, {
      kind: 'CertificateSigningRequestList',
      apiVersion: 'certificates.k8s.io/v1',
      metadata: end < requests.length ? { continue: String(end) } : {},
      items: requests.slice(start, end).map(toObject),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { kubeconfig: kubeconfigOf(server, serving, TOKEN), queries, close: () => close(server) };
}

/** The same kubeconfig with a token that the server does not know. */
export function withoutRights(kubeconfig: string): string {
  return kubeconfig.replace(TOKEN, 'stranger-token');
}

function toObject({
  name,
  signerName = 'kubernetes.io/kube-apiserver-client',
  certificate,
}: FakeRequest): object {
  return {
    metadata: { name, creationTimestamp: '2026-11-20T10:00:00Z' },
    spec: { request: '', signerName, usages: ['client auth'] },
    status: certificate === undefined ? {} : { certificate: Buffer.from(certificate).toString('base64') },
  };
}

function kubeconfigOf(server: Server, serving: Identity, token: string): string {
  const { port } = server.address() as AddressInfo;
  const authority = Buffer.from(serving.pem).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'c',
        cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': authority },
      },
    ],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
