import { dirname, resolve } from 'node:path';
import { parseKubeconfig } from '../kube/parse-kubeconfig.ts';
import { Failure } from './failure.ts';
import { readFlagFile } from './read-file.ts';

interface NamedItem {
  readonly name?: unknown;
  readonly context?: { readonly user?: unknown };
  readonly user?: { readonly 'client-certificate'?: unknown; readonly 'client-certificate-data'?: unknown };
}

interface Kubeconfig {
  readonly 'current-context'?: unknown;
  readonly contexts?: readonly NamedItem[];
  readonly users?: readonly NamedItem[];
}

/**
 * The client certificate (PEM, chain and all) of a kubeconfig's context: the one that `context` names, else the current one.
 *
 * @throws Failure naming what is missing.
 */
export function readClientCertificate(path: string, context?: string): string {
  const file = readKubeconfig(path);
  const name = context ?? file['current-context'];
  if (typeof name !== 'string' || name === '')
    throw new Failure(`--kubeconfig: ${path} has no current-context: name one with --context`);
  const found = file.contexts?.find((item) => item.name === name);
  const flag = context === undefined ? '--kubeconfig' : '--context';
  if (found === undefined) throw new Failure(`${flag}: ${path} has no context ${JSON.stringify(name)}`);
  const user = file.users?.find((item) => item.name === found.context?.user)?.user;
  const data = user?.['client-certificate-data'];
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  const certificate = user?.['client-certificate'];
  if (typeof certificate === 'string' && certificate !== '') {
    return readFlagFile('--kubeconfig', resolve(dirname(path), certificate)).toString('utf8');
  }
  throw new Failure(
    `--kubeconfig: the user of context ${JSON.stringify(name)} in ${path} has no client certificate`,
  );
}

function readKubeconfig(path: string): Kubeconfig {
  const parsed = parseKubeconfig(readFlagFile('--kubeconfig', path).toString('utf8'));
  if (!parsed.ok) throw new Failure(`--kubeconfig: ${path}: ${parsed.error}`);
  const { value } = parsed;
  if (typeof value !== 'object' || value === null)
    throw new Failure(`--kubeconfig: ${path} is no kubeconfig`);
  const { contexts, users } = value as Kubeconfig;
  if (!isList(contexts) || !isList(users))
    throw new Failure(`--kubeconfig: ${path} is no kubeconfig: contexts and users must be lists`);
  return value;
}

function isList(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    (Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null))
  );
}
