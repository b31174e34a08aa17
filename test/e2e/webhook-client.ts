import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';

/** What a webhook answered. */
export interface WebhookAnswer {
  readonly status: number;
  readonly text: string;
}

/** kube-apiserver's client of a webhook: mutual TLS as its kubeconfig says, one connection that is kept for 90 s, no second try. */
export interface WebhookClient {
  /** With the query that bears the timeout. */
  readonly url: string;
  /** Rejects where there is no answer. */
  readonly post: (body: string) => Promise<WebhookAnswer>;
  readonly close: () => void;
}

/** Opens the client that a webhook kubeconfig describes; `timeout` as in Go, in seconds: `30s`. */
export function openWebhookClient(kubeconfig: string, timeout: string): WebhookClient {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8'));
  const { server, 'certificate-authority': ca } = clusters[0].cluster;
  const { 'client-certificate': cert, 'client-key': key } = users[0].user;
  const files = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
  const agent = new Agent({ keepAlive: true, timeout: 90_000, ...files });
  const url = `${server}?timeout=${timeout}`;
  const patience = 1000 * Number.parseInt(timeout, 10);
  return {
    url,
    post: (body) => post(body, { url, agent, patience }),
    close: () => agent.destroy(),
  };
}

function post(
  body: string,
  { url, agent, patience }: { readonly url: string; readonly agent: Agent; readonly patience: number },
): Promise<WebhookAnswer> {
  const headers = {
    accept: 'application/json, */*',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'accept-encoding': 'gzip',
    'user-agent': 'Go-http-client/1.1',
  };
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', agent, headers, timeout: patience }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    call.on('timeout', () => call.destroy(new Error('context deadline exceeded')));
    call.on('error', reject);
    call.end(body);
  });
}
