import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { mintToken } from '../credential/mint-token.ts';
import type { Certificate } from '../x509/certificate.ts';
import { parseChain } from '../x509/trust-bundle.ts';
import { checkAudience } from './audience.ts';
import { exchangeCertificate } from './exchange.ts';
import { Failure } from './failure.ts';
import { readFlagFile } from './read-file.ts';

/** Seconds that a minted token is good for. */
const LIFETIME = 5 * 60;

/** Seconds before `exp` at which the client should ask for another one. */
const REFRESH_BEFORE = 30;

/** Bytes over which proxies on the way begin to refuse the Authorization header. */
const HEADER_WARNING = 7 * 1024;

const HELP = `
In a kubeconfig:
  users:
  - name: alice
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1
        command: kube-x509-authn
        args: [token, --cert, /home/alice/alice.crt, --key, /home/alice/alice.key, --audience, x509.prod-eu.example]
        interactiveMode: Never

Example:
  $ kube-x509-authn token --cert alice.crt --key alice.key --audience x509.prod-eu.example

Where rules read the client's address, or nothing may be signed here, with a session token:
  $ kube-x509-authn token --cert alice.crt --key alice.key --exchange-url https://authn.prod-eu.example:9443/exchange --exchange-ca ca.pem`;

interface TokenFlags {
  readonly cert: string;
  readonly key: string;
  readonly audience?: string;
  readonly exchangeUrl?: string;
  readonly exchangeCa?: string;
}

/** `token`: a kubectl credential plugin that signs a short-lived token with a client certificate's key. */
export function tokenCommand(): Command {
  return new Command('token')
    .description(
      'kubectl exec credential plugin: sign a short-lived token with a client certificate and its key',
    )
    .requiredOption('--cert <file>', 'client certificate, PEM, leaf first, then intermediates')
    .requiredOption('--key <file>', "the certificate's private key, PEM")
    .option(
      '--audience <name>',
      "the cluster's audience (else spec.cluster.config.audience of KUBERNETES_EXEC_INFO)",
    )
    .option(
      '--exchange-url <url>',
      'exchange the certificate for a session token there (https://…/exchange), instead of signing a token here',
    )
    .option('--exchange-ca <file>', "authorities of the exchange's serving certificate, PEM")
    .addHelpText('after', HELP)
    .action(async (flags: TokenFlags) => {
      const info = readExecInfo(process.env['KUBERNETES_EXEC_INFO']);
      const credential = await toCredential(flags, info, () => Date.now());
      process.stdout.write(`${JSON.stringify(credential)}\n`);
    });
}

const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/** What kubectl says of the call: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
interface ExecInfo {
  readonly apiVersion: string;
  readonly audience: string | undefined;
}

function readExecInfo(text: string | undefined): ExecInfo {
  if (text === undefined || text === '')
    return { apiVersion: 'client.authentication.k8s.io/v1', audience: undefined };
  let info: { apiVersion?: unknown; spec?: { cluster?: { config?: { audience?: unknown } } } } | null;
  try {
    info = JSON.parse(text);
  } catch {
    throw new Failure(
      'KUBERNETES_EXEC_INFO is not JSON: expected an ExecCredential of client.authentication.k8s.io/v1',
    );
  }
  const apiVersion = API_VERSIONS.find((version) => version === info?.apiVersion);
  if (apiVersion === undefined) {
    throw new Failure(`KUBERNETES_EXEC_INFO: apiVersion must be ${API_VERSIONS.join(' or ')}`);
  }
  const audience = info?.spec?.cluster?.config?.audience;
  if (audience !== undefined && typeof audience !== 'string') {
    throw new Failure('KUBERNETES_EXEC_INFO: spec.cluster.config.audience must be a string');
  }
  return { apiVersion, audience };
}

/** A token and when it ends, in seconds since the epoch. */
interface Credential {
  readonly token: string;
  readonly exp: number;
}

async function toCredential(flags: TokenFlags, info: ExecInfo, now: () => number): Promise<object> {
  if (flags.exchangeCa !== undefined && flags.exchangeUrl === undefined)
    throw new Failure('--exchange-ca goes together with --exchange-url');
  const holder = readHolder(flags);
  const { token, exp } =
    flags.exchangeUrl === undefined
      ? signToken(holder, { flags, info, at: now() })
      : await exchange(flags.exchangeUrl, { flags, info, now });
  if (token.length > HEADER_WARNING) {
    process.stderr.write(
      `kube-x509-authn: warning: the token is ${token.length} bytes long; proxies often refuse headers over 8 KiB: send fewer intermediates, or use an ECDSA key\n`,
    );
  }
  const at = Math.floor(now() / 1000);
  const margin = Math.min(REFRESH_BEFORE, Math.floor((exp - at) / 3));
  const refreshAt = new Date(Math.max(at + 1, exp - margin) * 1000).toISOString();
  return {
    apiVersion: info.apiVersion,
    kind: 'ExecCredential',
    status: { token, expirationTimestamp: refreshAt.replace(/\.\d+Z$/, 'Z') },
  };
}

interface Holder {
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly key: KeyObject;
}

function readHolder(flags: TokenFlags): Holder {
  const chain = readChain(flags.cert);
  const key = readKey(flags.key);
  checkPair({ leaf: chain[0], key, flags });
  return { chain, key };
}

function signToken(
  { chain, key }: Holder,
  { flags, info, at }: { readonly flags: TokenFlags; readonly info: ExecInfo; readonly at: number },
): Credential {
  const audience = flags.audience ?? info.audience;
  if (audience === undefined) {
    throw new Failure(
      "--audience is required (or set it as audience in the cluster's client.authentication.k8s.io/exec extension, with provideClusterInfo: true)",
    );
  }
  const iat = Math.floor(at / 1000);
  const exp = Math.min(iat + LIFETIME, Math.floor(chain[0].notAfter / 1000));
  if (exp <= iat)
    throw new Failure(
      `--cert: ${flags.cert}: the certificate expired at ${new Date(chain[0].notAfter).toISOString()}`,
    );
  const claims = { aud: checkAudience(audience), iat, exp, jti: randomBytes(16).toString('base64url') };
  const token = mintToken({ chain, key, claims });
  if (token === undefined) {
    throw new Failure(
      `--key: ${flags.key}: this kind of key may not sign tokens: use P-256, P-384, P-521, Ed25519 or RSA of 2048 to 8192 bits`,
    );
  }
  return { token, exp };
}

async function exchange(
  url: string,
  { flags, info, now }: { readonly flags: TokenFlags; readonly info: ExecInfo; readonly now: () => number },
): Promise<Credential> {
  const asked = Math.floor(now() / 1000);
  const { token, expiresIn } = await exchangeCertificate({
    url,
    certificate: readFlagFile('--cert', flags.cert).toString('utf8'),
    key: readFlagFile('--key', flags.key).toString('utf8'),
    audience: flags.audience ?? info.audience,
    ...(flags.exchangeCa !== undefined && {
      authorities: readFlagFile('--exchange-ca', flags.exchangeCa).toString('utf8'),
    }),
  });
  return { token, exp: asked + expiresIn };
}

function readChain(path: string): readonly [Certificate, ...Certificate[]] {
  const parsed = parseChain(readFlagFile('--cert', path).toString('utf8'));
  if (!parsed.ok) throw new Failure(`--cert: ${path}: ${parsed.error}`);
  const [leaf, ...rest] = parsed.chain;
  if (leaf === undefined) throw new Failure(`--cert: ${path}: no certificate in it`);
  return [leaf, ...rest];
}

function readKey(path: string): KeyObject {
  const pem = readFlagFile('--key', path);
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Failure(`--key: ${path}: not an unencrypted private key in PEM`);
  }
}

function checkPair({ leaf, key, flags }: { leaf: Certificate; key: KeyObject; flags: TokenFlags }): void {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  if (!spki.equals(leaf.publicKey.spki)) {
    throw new Failure(`--key: ${flags.key} is not the private key of the first certificate in ${flags.cert}`);
  }
}
