import type { KubeConfig, ObservableMiddleware, V1CertificateSigningRequest } from '@kubernetes/client-node';
import { reasonOf } from '../server/reason-of.ts';
import { readPemBlocks } from '../x509/pem.ts';
import { Failure } from './failure.ts';

/** A CertificateSigningRequest's name and, in DER, what it was answered with; absent where it has no certificate (yet). */
export interface IssuedCertificate {
  readonly request: string;
  readonly signerName: string;
  readonly der?: Buffer;
}

/** Requests that are asked for at once; kubectl's own number. */
const PAGE = 500;

/** For a page: an API server that accepts a connection and is silent would keep a CronJob from ever running again. */
const TIMEOUT_MS = 30_000;

/**
 * Every certificate that a cluster issued and still tells of. kube-controller-manager deletes a request an hour after it was
 * answered.
 *
 * @throws Failure naming the flag.
 */
export async function* listIssuedCertificates(
  config: KubeConfig,
  timeoutMs: number = TIMEOUT_MS,
): AsyncGenerator<IssuedCertificate> {
  const { CertificatesV1Api, Observable } = await import('@kubernetes/client-node');
  const impatience: ObservableMiddleware = {
    pre(request) {
      request.setSignal(AbortSignal.timeout(timeoutMs));
      return new Observable(Promise.resolve(request));
    },
    post: (response) => new Observable(Promise.resolve(response)),
  };
  const server = describeServer(config.getCurrentCluster()?.server);
  let page: string | undefined;
  try {
    const api = config.makeApiClient(CertificatesV1Api);
    do {
      const list = await api.listCertificateSigningRequest(
        { limit: PAGE, ...(page !== undefined && { _continue: page }) },
        { middleware: [impatience], middlewareMergeStrategy: 'append' },
      );
      for (const request of list.items) yield toIssued(request);
      page = list.metadata?._continue;
    } while (page !== undefined && page !== '');
  } catch (error) {
    throw new Failure(`cannot list the CertificateSigningRequests of ${server}: ${messageOf(error)}`);
  }
}

function toIssued({ metadata, spec, status }: V1CertificateSigningRequest): IssuedCertificate {
  const base = { request: metadata?.name ?? '', signerName: spec.signerName };
  const pem = Buffer.from(status?.certificate ?? '', 'base64').toString('utf8');
  const leaf = readPemBlocks(pem).find(({ label }) => label === 'CERTIFICATE');
  return leaf === undefined ? base : { ...base, der: leaf.bytes };
}

/** A URL without what may be a secret in it. */
function describeServer(server: string | undefined): string {
  if (server === undefined || !URL.canParse(server)) return 'the API server';
  const { origin, pathname } = new URL(server);
  return `${origin}${pathname.replace(/\/$/, '')}`;
}

/**
 * An answer of the API server is a Status, whose message says what is missing, such as a role. Of other errors what may quote a token or
 * a whole answer is left out.
 */
function messageOf(error: unknown): string {
  if (error instanceof Error && 'body' in error && 'code' in error) {
    const status: unknown = typeof error.body === 'string' ? parse(error.body) : error.body;
    const isStatus = typeof status === 'object' && status !== null && 'message' in status;
    return isStatus ? String(status.message) : `it answered ${String(error.code)}`;
  }
  // Node's words on a header that cannot be sent, or on what a credential plugin printed, have the token in them.
  if (error instanceof TypeError || error instanceof SyntaxError)
    return 'the credentials in the kubeconfig, or what its credential plugin printed, cannot be sent';
  if (error instanceof Error && error.name === 'AbortError') return 'it did not answer in time';
  // node-fetch puts the whole URL before the reason.
  return reasonOf(error).replace(/^request to .* failed, reason: /s, '');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
