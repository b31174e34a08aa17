import { quoteGo } from './go-syntax.ts';
import type { RootSchema } from './schema.ts';
import type { TextRange, ValueNode } from './value-node.ts';
import type { VersionKind } from './version-kind.ts';

const GROUP = 'kube-x509-authn.dev';
const VERSION = 'v1alpha1';

/** The apiVersion of the files that are this project's own. */
export const OWN_API_VERSION: string = `${GROUP}/${VERSION}`;

/** Says whether a file is of a kind of ours, whose shape is `schema`. */
export function readOwnKind(root: ValueNode, kind: string, schema: RootSchema): VersionKind {
  if (root.kind !== 'map')
    return mismatch(`the file is not a map of fields: expected a ${kind} of ${OWN_API_VERSION}`, root);
  for (const [field, expected] of [
    ['apiVersion', OWN_API_VERSION],
    ['kind', kind],
  ] as const) {
    const entry = root.entries.findLast(({ key }) => key === field);
    const supported = `supported values: ${quoteGo(expected)}`;
    if (entry === undefined || entry.value.kind === 'null') {
      return mismatch(
        `${field}: Required value: ${supported}`,
        entry?.value ?? { start: root.start, end: root.start },
      );
    }
    const { value } = entry;
    if (value.kind !== 'string')
      return mismatch(`${field}: Invalid value: must be a string: ${supported}`, value);
    if (value.value !== expected)
      return mismatch(`${field}: Unsupported value: ${quoteGo(value.value)}: ${supported}`, value);
  }
  return { ok: true, apiVersion: OWN_API_VERSION, goPackage: VERSION, schema };
}

function mismatch(message: string, { start, end }: TextRange): VersionKind {
  return { ok: false, message, summary: message, range: { start, end } };
}
