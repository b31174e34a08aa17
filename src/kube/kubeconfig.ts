import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ApiServer, FoundApiServer } from './api-server.ts';
import type { HttpsIdentity } from './json-request.ts';
import { parseKubeconfig } from './parse-kubeconfig.ts';

type Json = Readonly<Record<string, unknown>>;

/** Ends the reading of a kubeconfig; caught in `findKubeconfigApiServer` and nowhere else. */
class Unusable extends Error {}

/**
 * The API server of a kubeconfig's current context. Tokens (also in files) and client certificates are understood; what would
 * need another program, a proxy or no verification of the server is refused by name.
 * https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
export function findKubeconfigApiServer(path: string): FoundApiServer {
  try {
    return { ok: true, apiServer: readApiServer(path) };
  } catch (error) {
    return { ok: false, error: `${path}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function readApiServer(path: string): ApiServer {
  const parsed = parseKubeconfig(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Unusable(parsed.error);
  const config = toObject(parsed.value, 'the file');
  const context = toObject(
    named(config, 'contexts', text(config, 'current-context'))['context'],
    'the context',
  );
  const cluster = toObject(named(config, 'clusters', text(context, 'cluster'))['cluster'], 'the cluster');
  const user = toObject(named(config, 'users', text(context, 'user'))['user'], 'the user');
  refuse(cluster, ['insecure-skip-tls-verify', 'proxy-url']);
  refuse(user, [
    'exec',
    'auth-provider',
    'username',
    'password',
    'as',
    'as-uid',
    'as-groups',
    'as-user-extra',
  ]);
  const directory = dirname(resolve(path));
  const identity = (): HttpsIdentity => readIdentity({ cluster, user, directory });
  check(identity());
  return { url: parseServer(text(cluster, 'server')), identity };
}

/** Not quoted: who writes `http` may have written a password behind it. */
function parseServer(server: string): URL {
  if (!URL.canParse(server) || !server.startsWith('https://'))
    throw new Unusable('server is not an https URL');
  const url = new URL(server);
  if (url.username !== '' || url.password !== '')
    throw new Unusable('a user and password in server are not supported here');
  return url;
}

function readIdentity({
  cluster,
  user,
  directory,
}: {
  cluster: Json;
  user: Json;
  directory: string;
}): HttpsIdentity {
  const authorities = fileOrBytes(cluster, 'certificate-authority', directory);
  const certificate = fileOrBytes(user, 'client-certificate', directory);
  const key = fileOrBytes(user, 'client-key', directory);
  if ((certificate === undefined) !== (key === undefined))
    throw new Unusable('client-certificate and client-key go together');
  const serverName = optionalText(cluster, 'tls-server-name');
  const tokenFile = optionalText(user, 'tokenFile');
  const bearer =
    tokenFile === undefined
      ? optionalText(user, 'token')
      : readFileSync(resolve(directory, tokenFile), 'utf8').trim();
  if (bearer !== undefined && !/^[\x21-\x7e]+$/.test(bearer))
    throw new Unusable('the token is not one word of printable ASCII');
  return {
    ...(authorities !== undefined && { authorities }),
    ...(serverName !== undefined && { serverName }),
    ...(certificate !== undefined && key !== undefined && { clientCertificate: { certificate, key } }),
    ...(bearer !== undefined && { bearer }),
  };
}

/** What is no PEM now is not worth waiting for. */
function check({ authorities, clientCertificate }: HttpsIdentity): void {
  try {
    createSecureContext({
      ...(authorities !== undefined && { ca: authorities }),
      ...(clientCertificate !== undefined && {
        cert: clientCertificate.certificate,
        key: clientCertificate.key,
      }),
    });
  } catch {
    throw new Unusable(
      'certificate-authority, client-certificate and client-key must be PEM, and the last two belong together',
    );
  }
}

/** `NAME-data`, base64, takes precedence over the file that `NAME` names, as in kubectl. */
function fileOrBytes(object: Json, name: string, directory: string): string | undefined {
  const base64 = optionalText(object, `${name}-data`);
  if (base64 !== undefined) return Buffer.from(base64, 'base64').toString('utf8');
  const file = optionalText(object, name);
  return file === undefined ? undefined : readFileSync(resolve(directory, file), 'utf8');
}

function named(config: Json, list: string, name: string): Json {
  const items = config[list];
  const found = Array.isArray(items)
    ? items.find((item) => toObject(item, `${list}[]`)['name'] === name)
    : undefined;
  if (found === undefined) throw new Unusable(`${list}: there is none named ${JSON.stringify(name)}`);
  return toObject(found, `${list}[]`);
}

function refuse(object: Json, fields: readonly string[]): void {
  for (const field of fields) {
    const value = object[field];
    const isSet = value !== undefined && value !== null && value !== false && value !== '';
    if (isSet) throw new Unusable(`${field} is not supported here`);
  }
}

function text(object: Json, field: string): string {
  const value = optionalText(object, field);
  if (value === undefined) throw new Unusable(`${field} is missing`);
  return value;
}

function optionalText(object: Json, field: string): string | undefined {
  const value = object[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new Unusable(`${field} must be a string`);
  return value;
}

function toObject(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Unusable(`${what} is not an object`);
  return value as Json;
}
