import { quoteGo } from './go-syntax.ts';
import { internalSchema, type RootSchema } from './schema.ts';
import type { TextRange, ValueNode } from './value-node.ts';

/** Which shape a file has, or why it is none of ours. */
export type VersionKind =
  | {
      readonly ok: true;
      readonly apiVersion: string;
      readonly goPackage: string;
      readonly schema: RootSchema;
    }
  | KindRefusal;

export interface KindRefusal {
  readonly ok: false;
  /** kube-apiserver's words, which may repeat the whole file. */
  readonly message: string;
  /** The same for a person. */
  readonly summary: string;
  readonly range: TextRange;
}

const GROUP = 'apiserver.config.k8s.io';
const KIND = 'AuthenticationConfiguration';
const VERSIONS: readonly string[] = ['v1', 'v1beta1', 'v1alpha1'];
const INTERNAL = '__internal';

/** What else the file could be, by version and kind, as Go's type (kubernetes/apiserver pkg/apis/apiserver/…/register.go). */
const OTHER_KINDS: Readonly<Record<string, readonly string[]>> = {
  'apiserver.config.k8s.io/v1': ['Admission', 'Authorization', 'Encryption', 'Tracing'],
  'apiserver.config.k8s.io/v1beta1': ['Authorization', 'Tracing'],
  'apiserver.config.k8s.io/v1alpha1': ['Authorization', 'Tracing'],
  'apiserver.config.k8s.io/__internal': [
    'Admission',
    'Authorization',
    'EgressSelector',
    'Encryption',
    'Tracing',
  ],
  'apiserver.k8s.io/v1beta1': ['EgressSelector'],
  'apiserver.k8s.io/v1alpha1': ['Admission', 'EgressSelector'],
  'apiserver.k8s.io/__internal': ['Admission', 'EgressSelector'],
};

/** Kept for the sake of old documentation. */
const OLD_ENCRYPTION = 'v1 EncryptionConfig';

/** The scheme that kube-apiserver names in its messages; a build names the line where it was made. */
const SCHEME = 'pkg/kubeapiserver/options/authentication.go';

/** Finds out a file's version and kind as Kubernetes does; `schema` is the shape of the versions it knows. */
export function readVersionKind(root: ValueNode, text: string, schema: RootSchema): VersionKind {
  const { apiVersion, kind, kindRange, versionRange, failure } = readMeta(root);
  if (failure !== undefined) {
    return refuse(`couldn't get version/kind; json parse error: ${failure.message}`, failure.range);
  }
  const range = kindRange ?? versionRange ?? { start: root.start, end: root.start };
  const [group, version] = splitVersion(apiVersion);
  if (version === undefined) {
    return refuse(`unexpected GroupVersion string: ${apiVersion}`, versionRange ?? range);
  }
  if (kind === '') return refuseMissing('Kind', `kind must be ${KIND}`, { text, range });
  if (version === '') return refuseMissing('apiVersion', `apiVersion must be ${GROUP}/v1`, { text, range });
  return matchKind({ group, version, kind, apiVersion, range }, schema);
}

function refuse(message: string, range: TextRange, hint = ''): KindRefusal {
  return { ok: false, message, summary: hint === '' ? message : `${message} (${hint})`, range };
}

function refuseMissing(
  field: string,
  hint: string,
  { text, range }: { readonly text: string; readonly range: TextRange },
): KindRefusal {
  const missing = `Object '${field}' is missing`;
  return { ok: false, message: `${missing} in '${text}'`, summary: `${missing} (${hint})`, range };
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
  const other = otherKind(apiVersion, kind);
  if (other !== undefined) return refuse(`expected ${KIND}, got *apiserver.${other}`, range);
  const registered =
    version === INTERNAL
      ? `the internal version of group ${quoteGo(group)}`
      : `version ${quoteGo(group === '' ? version : `${group}/${version}`)}`;
  const hint = `expected ${KIND} in ${GROUP}/${VERSIONS.join(', ')}`;
  return refuse(
    `no kind ${quoteGo(kind)} is registered for ${registered} in scheme "${SCHEME}"`,
    range,
    hint,
  );
}

function otherKind(apiVersion: string, kind: string): string | undefined {
  if (`${apiVersion} ${kind}` === OLD_ENCRYPTION) return 'EncryptionConfiguration';
  const others = Object.hasOwn(OTHER_KINDS, apiVersion) ? OTHER_KINDS[apiVersion] : undefined;
  return others?.some((name) => `${name}Configuration` === kind) === true ? kind : undefined;
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
