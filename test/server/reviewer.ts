import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:https';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { mintToken } from '../../src/credential/mint-token.ts';
import { createLog } from '../../src/server/log.ts';
import { startServer } from '../../src/server/serve.ts';
import { type Identity, mintServing, NOW } from '../pki.ts';

/** A server that decides with an authenticator, and a client that asks it as kube-apiserver does. */
export interface Reviewer {
  /** Posts a TokenReview of a token; gives its status. */
  review(token: string): Promise<unknown>;
  /** What the server has logged, line by line. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

const AUDIENCE = 'x509.test.example';

export async function startReviewer(authenticator: Authenticator): Promise<Reviewer> {
  const serving = await mintServing();
  const lines: string[] = [];
  const service = {
    authenticator: () => authenticator,
    audiences: [AUDIENCE],
    now: () => NOW,
    newDecisionId: () => randomBytes(8).toString('hex'),
    log: createLog({ write: (line: string) => void lines.push(line) }),
  };
  const address = { host: '127.0.0.1', port: 0 };
  const certificate = Buffer.from(serving.pem);
  const key = Buffer.from(serving.keyPem);
  const server = await startServer(service, { secure: address, health: address, certificate, key });
  const agent = new Agent({ keepAlive: true, ca: serving.pem });
  return {
    log: lines,
    review: (token) => post({ token, port: server.secureAddress.port, agent }),
    async close() {
      agent.destroy();
      await server.close();
    },
  };
}

/** A token that presents a chain, signed with the leaf's key, or with another's. */
export function tokenOf(chain: readonly [Identity, ...Identity[]], signer: Identity = chain[0]): string {
  const iat = NOW / 1000;
  const claims = { aud: AUDIENCE, iat, exp: iat + 300, jti: randomBytes(16).toString('base64url') };
  const [leaf, ...others] = chain;
  const certificates = [leaf.certificate, ...others.map(({ certificate }) => certificate)] as const;
  const token = mintToken({ chain: certificates, key: signer.key, claims });
  if (token === undefined) throw new Error('the key signs no tokens');
  return token;
}

function post({ token, port, agent }: { token: string; port: number; agent: Agent }): Promise<unknown> {
  const spec = { token, audiences: ['https://kubernetes.default.svc'] };
  const body = JSON.stringify({ kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const options = { host: '127.0.0.1', port, agent, path: '/authenticate', method: 'POST', headers };
  return new Promise((resolve, reject) => {
    const call = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString()) as { status: unknown };
        resolve(answer.status);
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}
