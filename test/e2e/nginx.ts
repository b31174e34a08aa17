import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Workplace } from '../cli/serving.ts';
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

/** What nginx stands between. */
export interface NginxParts {
  readonly place: Workplace;
  readonly port: number;
  /** Of `/auth`. */
  readonly terminatorPort: number;
  /** By what nginx is known there. */
  readonly terminator: Identity;
  /** Of kube-apiserver, or who stands in for it with the workplace's serving certificate. */
  readonly upstreamPort: number;
  readonly headersMore: 'loaded' | 'not-loaded';
}

/** Starts nginx with the configuration of config/deploy, on loopback and with a workplace's certificates. */
export function startNginx(parts: NginxParts): ChildProcess {
  const { place, port, terminator, terminatorPort, upstreamPort, headersMore } = parts;
  place.write('terminator.crt', terminator.pem);
  place.write('terminator.key', terminator.keyPem);
  place.write('serving.pem', place.serving.pem);
  const conf = `nginx-${port}.conf`;
  const replacements: readonly (readonly [string, string])[] = [
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
    ['127.0.0.1:6443', `127.0.0.1:${upstreamPort}`],
    ['127.0.0.1:9444', `127.0.0.1:${terminatorPort}`],
    ['/etc/kube-x509-authn/nginx/terminator', place.path('terminator')],
    ['/etc/kube-x509-authn/nginx/tls', place.path('tls')],
    ['/etc/kube-x509-authn/serving-ca.pem', place.path('serving.pem')],
    ['/etc/kubernetes/pki/ca.crt', place.path('serving.pem')],
    ['proxy_ssl_name                kubernetes', 'proxy_ssl_name localhost'],
  ];
  const base = replacements.reduce(replaceAll, readFileSync(CONFIGURATION, 'utf8'));
  const text =
    headersMore === 'loaded'
      ? `load_module ${HEADERS_MORE};\n${replaceAll(base, ['#more_clear_input_headers', 'more_clear_input_headers'])}`
      : base;
  place.write(conf, text);
  const globals = `daemon off; pid ${place.path(`${conf}.pid`)};`;
  const args = ['-p', place.directory, '-c', place.path(conf), '-e', 'stderr', '-g', globals];
  return spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function replaceAll(text: string, [find, replace]: readonly [string, string]): string {
  if (!text.includes(find)) throw new Error(`nginx.conf has no ${find}`);
  return text.replaceAll(find, replace);
}
