import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledPolicy } from '../../authenticator/compiled-policy.ts';
import { diffPolicies } from '../../authenticator/policy-diff.ts';
import { Failure } from '../failure.ts';
import { readFlagFile } from '../read-file.ts';

const FILE = 'compiled.json';

/**
 * How a policy differs in meaning from the compiled.json, or the one in the folder, that `--diff` names, for people.
 *
 * @throws Failure for a file that is none.
 */
export function describeDiff(path: string, policy: CompiledPolicy): string {
  const changes = diffPolicies(readPolicy(path), policy);
  return changes.length === 0 ? 'no change in meaning\n' : changes.map((change) => `${change}\n`).join('');
}

function readPolicy(path: string): CompiledPolicy {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(path, FILE) : path;
  const text = readFlagFile('--diff', file).toString('utf8');
  let policy: Partial<CompiledPolicy> | null;
  try {
    policy = JSON.parse(text);
  } catch {
    policy = null;
  }
  const entries: readonly Partial<CompiledPolicy['entries'][number]>[] | undefined = policy?.entries;
  const isPolicy =
    Array.isArray(entries) &&
    entries.every(({ id, issuerName, anchors, rules, mapping }) => {
      const isNamed = typeof id === 'string' && typeof issuerName === 'string';
      return isNamed && Array.isArray(anchors) && Array.isArray(rules) && typeof mapping === 'object';
    });
  if (!isPolicy) throw new Failure(`--diff: ${file} is not a ${FILE}`);
  return policy as CompiledPolicy;
}
