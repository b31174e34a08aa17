import type { Identity } from '../pki.ts';

/** What `kubectl auth whoami` says of a holder: who the API server takes them for, or that it takes them for nobody. */
export type Whoami =
  | { readonly kind: 'user'; readonly user: WhoamiUser }
  | { readonly kind: 'unauthorized'; readonly message: string };

export interface WhoamiUser {
  readonly username: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** A line of kube-apiserver's audit log: one for each stage of a request, of which the first has no answer yet. */
export interface AuditLine {
  readonly stage: string;
  readonly user: Partial<WhoamiUser>;
  readonly requestURI: string;
  readonly responseStatus?: { readonly code?: number };
}

/**
 * How a holder logs in: by what the credential plugin gives, a token that it signs or the session that it exchanges the certificate for; or by the
 * certificate itself, at the nginx before the API server.
 */
export type CredentialKind = 'token' | 'session' | 'certificate';

/** A control plane whose kube-apiserver asks our webhook. */
export interface ControlPlane {
  /** What it is, in a few words. */
  readonly title: string;
  /** Asks as the holder of a certificate, with the credential plugin, as kubectl does. Rejects with what the plugin says where it gives none. */
  whoami(holder: Identity, by?: CredentialKind): Promise<Whoami>;
  /** Where the API server is, and a file with who vouches for its certificate, which is for localhost. */
  readonly server: { readonly port: number; readonly ca: string };
  /** kube-apiserver's own log so far. */
  log(): string;
  /** kube-apiserver's audit log so far, as text and as events. */
  audit(): { readonly text: string; readonly lines: readonly AuditLine[] };
  close(): Promise<void>;
}

/** What a control plane needs to know of the place where it runs. */
export interface Site {
  readonly directory: string;
  readonly audience: string;
  /** The webhook's kubeconfig, for kube-apiserver. */
  readonly webhookKubeconfig: string;
  /** Where certificates are exchanged for sessions, and the authorities of its certificate. */
  readonly exchange: { readonly url: string; readonly ca: string };
  /** Where nginx is, once it is there, with a certificate of these authorities. */
  readonly nginx: { readonly port: number; readonly ca: string };
  /** Writes a file into the directory; gives its path. */
  write(name: string, text: string): string;
}

const PROGRAM = new URL('../../dist/cli/main.js', import.meta.url).pathname;

/** A holder's certificate and key as files. */
export function filesOf(
  holder: Identity,
  { write }: Pick<Site, 'write'>,
): { readonly cert: string; readonly key: string } {
  const name = holder.certificate.fingerprint.slice(0, 16);
  return { cert: write(`${name}.crt`, holder.pem), key: write(`${name}.key`, holder.keyPem) };
}

/** The command with which kubectl gets a token for a holder. */
export function pluginOf(
  holder: Identity,
  site: Site,
  by: CredentialKind,
): { readonly command: string; readonly args: readonly string[] } {
  const { cert, key } = filesOf(holder, site);
  const { url, ca } = site.exchange;
  const exchange = by === 'session' ? ['--exchange-url', url, '--exchange-ca', ca] : [];
  return {
    command: process.execPath,
    args: [PROGRAM, 'token', '--cert', cert, '--key', key, '--audience', site.audience, ...exchange],
  };
}
