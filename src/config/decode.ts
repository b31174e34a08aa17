import { decodeDocument } from './decode-document.ts';
import type { Undecodable } from './decode-report.ts';
import type { Issue } from './issue.ts';
import { configurationSchema, kubernetesSchema, type RootSchema } from './schema.ts';
import { toConfig } from './to-config.ts';
import type { Config } from './types.ts';
import type { ValueNode } from './value-node.ts';
import { readVersionKind, type VersionKind } from './version-kind.ts';

/** A file's configuration, or everything that is wrong with the file. */
export type LoadResult =
  | { readonly kind: 'config'; readonly config: Config; readonly warnings: readonly Issue[] }
  | Undecodable;

/** Twice what a ConfigMap holds; kube-apiserver has no limit of its own. */
const MAX_LENGTH = 2 * 1024 * 1024;

/**
 * Decodes an AuthenticationConfiguration, YAML or JSON, as strictly as kube-apiserver does: unknown and duplicate
 * fields are errors, only the first YAML document counts, and every problem is reported at once.
 */
export function loadConfig(text: string): LoadResult {
  return load(text, configurationSchema);
}

/** Decodes the same file as kube-apiserver itself does, to which `x509` is an unknown field. */
export function loadKubernetesConfig(text: string): LoadResult {
  return load(text, kubernetesSchema);
}

function load(text: string, schema: RootSchema): LoadResult {
  const readKind = (root: ValueNode): VersionKind => readVersionKind(root, text, schema);
  const result = decodeDocument(text, { readKind, maxLength: MAX_LENGTH });
  if (result.kind === 'invalid') return result;
  const { root, source, warnings } = result;
  return { kind: 'config', config: { ...toConfig(root), source }, warnings };
}
