import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { goQuote } from '../../src/x509/go-text.ts';
import type { Identity } from '../pki.ts';
import {
  type AuditLine,
  type ControlPlane,
  type CredentialKind,
  pluginOf,
  type Site,
  type Whoami,
  type WhoamiUser,
} from './control-plane.ts';
import { openWebhookClient } from './webhook-client.ts';

/** What a webhook's answer comes to, as kube-apiserver 1.36 has been seen to take it. */
type Answer = { readonly user: WhoamiUser } | { readonly error: string };

const API_AUDIENCE = 'https://kubernetes.default.svc';

/**
 * What kube-apiserver 1.36 and kubectl were recorded to do around an authentication webhook: the very bytes of the review, one connection that is
 * kept for 90 s, mutual TLS from the kubeconfig, no second try, a 401 without a reason for the client and the reason in the log, a second run of the
 * plugin on a 401, and audit lines with the user or none. No cache: each kubectl brings a token of its own.
 */
export async function startRecordedControlPlane(site: Site): Promise<ControlPlane> {
  const lines: AuditLine[] = [];
  let log = '';
  const webhook = openWebhook(site.webhookKubeconfig);
  const selfSubjectReview = async (token: string): Promise<Whoami> => {
    const answer = await webhook.review(token);
    const requestURI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    if ('user' in answer) {
      const user = { ...answer.user, groups: [...answer.user.groups, 'system:authenticated'] };
      lines.push({ stage: 'RequestReceived', user, requestURI });
      lines.push({ stage: 'ResponseComplete', user, requestURI, responseStatus: { code: 201 } });
      return { kind: 'user', user };
    }
    log += `"Unable to authenticate the request" err=${goQuote(answer.error)}\n`;
    lines.push({ stage: 'ResponseStarted', user: {}, requestURI, responseStatus: { code: 401 } });
    return { kind: 'unauthorized', message: 'error: You must be logged in to the server (Unauthorized)' };
  };
  const server = await startServer(site, selfSubjectReview);
  return {
    title: 'a client that does what kube-apiserver 1.36 was recorded to do',
    server: { port: (server.address() as AddressInfo).port, ca: site.exchange.ca },
    async whoami(holder, by = 'token') {
      if (by === 'certificate') return askNginx(holder, site);
      const first = await selfSubjectReview(await runPlugin(holder, site, by));
      return first.kind === 'user' ? first : selfSubjectReview(await runPlugin(holder, site, by));
    },
    log: () => log,
    audit: () => ({ lines, text: lines.map((line) => JSON.stringify(line)).join('\n') }),
    async close() {
      webhook.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The API server's own port: it takes tokens alone, and has the serving certificate of the site. */
async function startServer(site: Site, review: (token: string) => Promise<Whoami>): Promise<Server> {
  const tls = { cert: readFileSync(site.exchange.ca), key: readFileSync(join(site.directory, 'tls.key')) };
  const server = createServer(tls, (request, response) => {
    request.resume();
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    void answer(response, token);
  });
  const answer = async (response: ServerResponse, token: string): Promise<void> => {
    const whoami = await review(token);
    const [code, body] =
      whoami.kind === 'user'
        ? [201, { status: { userInfo: whoami.user } }]
        : [401, { kind: 'Status', message: whoami.message }];
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** As kubectl does with a client certificate in its kubeconfig. */
function askNginx({ pem, keyPem }: Identity, { nginx }: Site): Promise<Whoami> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...{ host: '127.0.0.1', port: nginx.port, ca: readFileSync(nginx.ca), cert: pem, key: keyPem },
        ...{ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', agent: false },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body = JSON.parse(Buffer.concat(chunks).toString());
          if (response.statusCode === 201) resolve({ kind: 'user', user: body.status.userInfo });
          else if (response.statusCode === 401) resolve({ kind: 'unauthorized', message: body.message });
          else reject(new Error(`Error from server (${body.reason}): ${body.message}`));
        });
      },
    );
    call.on('error', reject);
    call.end('{}');
  });
}

async function runPlugin(holder: Identity, site: Site, by: CredentialKind): Promise<string> {
  const { command, args } = pluginOf(holder, site, by);
  const info = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false },
  };
  const { stdout } = await promisify(execFile)(command, [...args], {
    env: { PATH: process.env['PATH'], KUBERNETES_EXEC_INFO: JSON.stringify(info) },
  });
  return JSON.parse(stdout).status.token;
}

function openWebhook(kubeconfig: string): { review(token: string): Promise<Answer>; close(): void } {
  const { url, post, close } = openWebhookClient(kubeconfig, '30s');
  return {
    async review(token) {
      try {
        const body = `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":"${token}","audiences":["${API_AUDIENCE}"]},"status":{"user":{}}}\n`;
        const { status, text } = await post(body);
        return status === 200 ? toAnswer(text) : { error: `the webhook answered ${status}: ${text}` };
      } catch (error) {
        return { error: `Post "${url}": ${String(error)}` };
      }
    },
    close,
  };
}

/** As kube-apiserver takes a status: audiences that are not its own refuse; no audiences are its own. */
function toAnswer(text: string): Answer {
  const { apiVersion, kind, status } = JSON.parse(text);
  if (apiVersion !== 'authentication.k8s.io/v1' || kind !== 'TokenReview')
    return { error: 'unknown conversion' };
  const { authenticated, error, user, audiences = [API_AUDIENCE] } = status;
  if (authenticated !== true || !audiences.includes(API_AUDIENCE))
    return { error: error ? `[invalid bearer token, ${error}]` : 'invalid bearer token' };
  return { user: { username: user.username, groups: user.groups ?? [], extra: user.extra ?? {} } };
}
