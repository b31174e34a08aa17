import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { promisify } from 'node:util';
import { parse } from 'yaml';
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

/** What a webhook's answer comes to, as kube-apiserver 1.36 has been seen to take it. */
type Answer = { readonly user: WhoamiUser } | { readonly error: string };

const API_AUDIENCE = 'https://kubernetes.default.svc';

/**
 * What kube-apiserver 1.36 and kubectl were recorded to do around an authentication webhook: the very bytes of the review, one connection that is
 * kept for 90 s, mutual TLS from the kubeconfig, no second try, a 401 without a reason for the client and the reason in the log, a second run of the
 * plugin on a 401, and audit lines with the user or none. No cache: each kubectl brings a token of its own.
 */
export function startRecordedControlPlane(site: Site): ControlPlane {
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
  return {
    title: 'a client that does what kube-apiserver 1.36 was recorded to do',
    async whoami(holder, by = 'token') {
      const first = await selfSubjectReview(await runPlugin(holder, site, by));
      return first.kind === 'user' ? first : selfSubjectReview(await runPlugin(holder, site, by));
    },
    log: () => log,
    audit: () => ({ lines, text: lines.map((line) => JSON.stringify(line)).join('\n') }),
    close: async () => webhook.close(),
  };
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
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8'));
  const { server, 'certificate-authority': ca } = clusters[0].cluster;
  const { 'client-certificate': cert, 'client-key': key } = users[0].user;
  const agent = new Agent({
    keepAlive: true,
    timeout: 90_000,
    ca: readFileSync(ca),
    cert: readFileSync(cert),
    key: readFileSync(key),
  });
  const post = (token: string): Promise<{ readonly status: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const body = `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":"${token}","audiences":["${API_AUDIENCE}"]},"status":{"user":{}}}\n`;
      const headers = {
        accept: 'application/json, */*',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'accept-encoding': 'gzip',
        'user-agent': 'Go-http-client/1.1',
      };
      const call = request(
        `${server}?timeout=30s`,
        { method: 'POST', agent, headers, timeout: 30_000 },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  return {
    async review(token) {
      try {
        const { status, text } = await post(token);
        return status === 200 ? toAnswer(text) : { error: `the webhook answered ${status}: ${text}` };
      } catch (error) {
        return { error: `Post "${server}?timeout=30s": ${String(error)}` };
      }
    },
    close: () => agent.destroy(),
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
