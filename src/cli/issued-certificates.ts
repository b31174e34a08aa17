import type { KubeConfig, V1CertificateSigningRequest } from '@kubernetes/client-node';
import { readPemBlocks } from '../x509/pem.ts';
import { Failure, reasonOf } from './failure.ts';

/** A CertificateSigningRequest's name and, in DER, what it was answered with; absent where it has no certificate (yet). */
export interface IssuedCertificate {
  readonly request: string;
  readonly signerName: string;
  readonly der?: Buffer;
}

/** Requests that are asked for at once; kubectl's own number. */
const PAGE = 500;

/**
 * Every certificate that a cluster issued and still tells of. kube-controller-manager deletes a request an hour after it was
 * answered.
 *
 * @throws Failure naming the flag.
 */
export async function* listIssuedCertificates(config: KubeConfig): AsyncGenerator<IssuedCertificate> {
  const { CertificatesV1Api } = await import('@kubernetes/client-node');
  const server = config.getCurrentCluster()?.server ?? 'the API server';
  let page: string | undefined;
  try {
    const api = config.makeApiClient(CertificatesV1Api);
    do {
      const list = await api.listCertificateSigningRequest({
        limit: PAGE,
        ...(page !== undefined && { _continue: page }),
      });
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

/** An answer of the API server is a Status, whose message says what is missing, such as a role. */
function messageOf(error: unknown): string {
  const body: unknown = error instanceof Error && 'body' in error ? error.body : undefined;
  const status: unknown = typeof body === 'string' ? parse(body) : body;
  const isStatus = typeof status === 'object' && status !== null && 'message' in status;
  return isStatus ? String(status.message) : reasonOf(error);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
