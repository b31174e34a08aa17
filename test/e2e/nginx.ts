import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Identity } from '../pki.ts';

const CONFIGURATION = fileURLToPath(new URL('../../config/deploy/nginx/nginx.conf', import.meta.url));
const HEADERS_MORE = '/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so';

/** Whether there is an nginx, and its module that clears headers by the beginning of their names. */
export const NGINX: { readonly isInstalled: boolean; readonly hasHeadersMore: boolean } = {
  isInstalled: isInstalled(),
  hasHeadersMore: existsSync(HEADERS_MORE),
};

function isInstalled(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What nginx stands between. Its serving certificate is tls.crt with tls.key in the directory; the others are paths of PEM files. */
export interface NginxParts {
  readonly directory: string;
  /** Writes a file into the directory; gives its path. */
  readonly write: (name: string, text: string) => string;
  readonly port: number;
  /** `/auth`, and who vouches for its serving certificate. */
  readonly authn: { readonly port: number; readonly ca: string };
  /** By what nginx is known there. */
  readonly terminator: Identity;
  /** kube-apiserver, or who stands in for it; named localhost. */
  readonly upstream: { readonly port: number; readonly ca: string };
  readonly headersMore: 'loaded' | 'not-loaded';
}

/** Starts nginx with the configuration of config/deploy, on loopback. */
export function startNginx(parts: NginxParts): ChildProcess {
  const { directory, write, port, authn, terminator, upstream, headersMore } = parts;
  write('terminator.crt', terminator.pem);
  write('terminator.key', terminator.keyPem);
  const replacements: readonly (readonly [string, string])[] = [
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
    ['127.0.0.1:6443', `127.0.0.1:${upstream.port}`],
    ['127.0.0.1:9444', `127.0.0.1:${authn.port}`],
    ['/etc/kube-x509-authn/nginx/', `${directory}/`],
    ['/etc/kube-x509-authn/serving-ca.pem', authn.ca],
    ['/etc/kubernetes/pki/ca.crt', upstream.ca],
    ['proxy_ssl_name                kubernetes', 'proxy_ssl_name localhost'],
  ];
  const base = replacements.reduce(replaceAll, readFileSync(CONFIGURATION, 'utf8'));
  const text =
    headersMore === 'loaded'
      ? `load_module ${HEADERS_MORE};\n${replaceAll(base, ['#more_clear_input_headers', 'more_clear_input_headers'])}`
      : base;
  const conf = write(`nginx-${port}.conf`, text);
  const args = ['-p', directory, '-c', conf, '-e', 'stderr', '-g', `daemon off; pid ${conf}.pid;`];
  return spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function replaceAll(text: string, [find, replace]: readonly [string, string]): string {
  if (!text.includes(find)) throw new Error(`nginx.conf has no ${find}`);
  return text.replaceAll(find, replace);
}
