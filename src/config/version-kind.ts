import { quoteGo } from './go-syntax.ts';
import { configurationSchema, internalSchema, type RootSchema } from './schema.ts';
import type { TextRange, ValueNode } from './value-node.ts';

/** Which shape a file has, or why it is none of ours, in kube-apiserver's words. */
export type VersionKind =
  | {
      readonly ok: true;
      readonly apiVersion: string;
      readonly goPackage: string;
      readonly schema: RootSchema;
    }
  | { readonly ok: false; readonly message: string; readonly hint?: string; readonly range: TextRange };

const GROUP = 'apiserver.config.k8s.io';
const KIND = 'AuthenticationConfiguration';
const VERSIONS: readonly string[] = ['v1', 'v1beta1', 'v1alpha1'];
const INTERNAL = '__internal';

/** The group's other kinds, by version (kubernetes/apiserver pkg/apis/apiserver/…/register.go). */
const OTHER_KINDS: Readonly<Record<string, readonly string[]>> = {
  v1: [
    'AdmissionConfiguration',
    'AuthorizationConfiguration',
    'EncryptionConfiguration',
    'TracingConfiguration',
  ],
  v1beta1: ['AuthorizationConfiguration', 'TracingConfiguration'],
  v1alpha1: ['AuthorizationConfiguration', 'TracingConfiguration'],
  [INTERNAL]: [
    'AdmissionConfiguration',
    'AuthorizationConfiguration',
    'EgressSelectorConfiguration',
    'EncryptionConfiguration',
    'TracingConfiguration',
  ],
};

/** The scheme that kube-apiserver names in its messages; a build names the line where it was made. */
const SCHEME = 'pkg/kubeapiserver/options/authentication.go';

/** Finds out a file's version and kind as Kubernetes does; `schema` is the shape of the versions it knows. */
export function readVersionKind(
  root: ValueNode,
  text: string,
  schema: RootSchema = configurationSchema,
): VersionKind {
  const meta = readMeta(root);
  const range = meta.kindRange ?? meta.versionRange ?? { start: root.start, end: root.start };
  if (meta.failure !== undefined) {
    return {
      ok: false,
      message: `couldn't get version/kind; json parse error: ${meta.failure.message}`,
      range: meta.failure.range,
    };
  }
  const [group, version] = splitVersion(meta.apiVersion);
  if (version === undefined) {
    return {
      ok: false,
      message: `unexpected GroupVersion string: ${meta.apiVersion}`,
      range: meta.versionRange ?? range,
    };
  }
  if (meta.kind === '')
    return {
      ok: false,
      message: `Object 'Kind' is missing in '${text}'`,
      hint: `kind must be ${KIND}`,
      range,
    };
  if (version === '')
    return {
      ok: false,
      message: `Object 'apiVersion' is missing in '${text}'`,
      hint: `apiVersion must be ${GROUP}/v1`,
      range,
    };
  return matchKind({ group, version, kind: meta.kind, apiVersion: meta.apiVersion, range }, schema);
}

interface Named {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly range: TextRange;
}

function matchKind({ group, version, kind, apiVersion, range }: Named, schema: RootSchema): VersionKind {
  const isKnown = group === GROUP && (VERSIONS.includes(version) || version === INTERNAL);
  if (isKnown && kind === KIND) {
    if (version === INTERNAL) return { ok: true, apiVersion, goPackage: 'apiserver', schema: internalSchema };
    return { ok: true, apiVersion, goPackage: version, schema };
  }
  if (isKnown && OTHER_KINDS[version]?.includes(kind) === true) {
    return { ok: false, message: `expected ${KIND}, got *apiserver.${kind}`, range };
  }
  const registered =
    version === INTERNAL
      ? `the internal version of group ${quoteGo(group)}`
      : `version ${quoteGo(group === '' ? version : `${group}/${version}`)}`;
  const message = `no kind ${quoteGo(kind)} is registered for ${registered} in scheme "${SCHEME}"`;
  return { ok: false, message, hint: `expected ${KIND} in ${GROUP}/${VERSIONS.join(', ')}`, range };
}

interface Meta {
  apiVersion: string;
  kind: string;
  versionRange?: TextRange;
  kindRange?: TextRange;
  failure?: { readonly message: string; readonly range: TextRange };
}

const META_TYPE =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Go's own JSON decoder reads these two: it takes field names in any case, and the last one counts. */
function readMeta(root: ValueNode): Meta {
  const meta: Meta = { apiVersion: '', kind: '' };
  if (root.kind === 'null') return meta;
  if (root.kind !== 'map') {
    const found = root.kind === 'list' ? 'array' : root.kind;
    meta.failure = {
      message: `json: cannot unmarshal ${found} into Go value of type ${META_TYPE}`,
      range: root,
    };
    return meta;
  }
  for (const { key, value } of root.entries) {
    const name = foldCase(key);
    if (name !== 'apiversion' && name !== 'kind') continue;
    if (value.kind === 'string') setMeta(meta, name, value);
    else if (value.kind !== 'null') failMeta(meta, name, value);
  }
  return meta;
}

function setMeta(
  meta: Meta,
  name: 'apiversion' | 'kind',
  value: TextRange & { readonly value: string },
): void {
  if (name === 'kind') {
    meta.kind = value.value;
    meta.kindRange = value;
  } else {
    meta.apiVersion = value.value;
    meta.versionRange = value;
  }
}

function failMeta(meta: Meta, name: 'apiversion' | 'kind', value: ValueNode): void {
  const found = value.kind === 'map' ? 'object' : value.kind === 'list' ? 'array' : value.kind;
  const field = name === 'kind' ? 'kind' : 'apiVersion';
  meta.failure ??= {
    message: `json: cannot unmarshal ${found} into Go struct field .${field} of type string`,
    range: value,
  };
}

/** Unicode's simple case folding, as far as it reaches these two names (ſ is an s, K the Kelvin sign a k). */
function foldCase(key: string): string {
  return key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
}

/** Group and version; no version where there is more than one slash. */
function splitVersion(apiVersion: string): readonly [string, string | undefined] {
  if (apiVersion === '' || apiVersion === '/') return ['', ''];
  const parts = apiVersion.split('/');
  if (parts.length > 2) return ['', undefined];
  return parts.length === 1 ? ['', apiVersion] : [parts[0] ?? '', parts[1]];
}
