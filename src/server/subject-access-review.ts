import type { UserInfo } from '../identity/user-info.ts';
import { isListOfStrings, isObject, type JsonObject, quote } from './json-value.ts';

/** The SubjectAccessReview versions that kube-apiserver sends. */
const API_VERSIONS = ['authorization.k8s.io/v1', 'authorization.k8s.io/v1beta1'] as const;

type ApiVersion = (typeof API_VERSIONS)[number];

/**
 * Who is asked about in a SubjectAccessReview; what they want to do is nothing to a policy on certificates:
 * https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/
 */
export interface SubjectAccessReview {
  readonly apiVersion: ApiVersion;
  readonly user: UserInfo;
}

/** What is answered. There is no way to say that anything is allowed. */
export type AccessReviewStatus =
  | { readonly outcome: 'no-opinion' }
  | { readonly outcome: 'denied'; readonly reason: string };

export type ParsedAccessReview =
  | { readonly ok: true; readonly review: SubjectAccessReview }
  | { readonly ok: false; readonly error: string };

/** Reads the body of a review. The error names the field, what is wrong and what would be right. */
export function parseSubjectAccessReview(body: string): ParsedAccessReview {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return invalid(
      'the body is not JSON: expected a SubjectAccessReview of authorization.k8s.io/v1 or v1beta1',
    );
  }
  if (!isObject(value)) return invalid('the body is not a JSON object: expected a SubjectAccessReview');
  const { kind, apiVersion: version, spec } = value;
  if (kind !== 'SubjectAccessReview') {
    return invalid(`kind: got ${quote(kind)}, expected "SubjectAccessReview"`);
  }
  const apiVersion = API_VERSIONS.find((candidate) => candidate === version);
  if (apiVersion === undefined) {
    return invalid(`apiVersion: got ${quote(version)}, expected ${API_VERSIONS.map(quote).join(' or ')}`);
  }
  if (!isObject(spec)) return invalid('spec: expected an object with a user');
  return toReview(apiVersion, spec);
}

/** The body of the answer: the review's own apiVersion and kind, and the status alone. */
export function toSubjectAccessReviewJson(apiVersion: ApiVersion, status: AccessReviewStatus): object {
  return { kind: 'SubjectAccessReview', apiVersion, status: toWire(status) };
}

/**
 * The version of a review whose body is too long to be read, from how it begins: kube-apiserver writes its kind and version first.
 * Undefined where it begins otherwise.
 */
export function peekApiVersion(start: string): ApiVersion | undefined {
  return API_VERSIONS.find((version) =>
    start.startsWith(`{"kind":"SubjectAccessReview","apiVersion":"${version}",`),
  );
}

function toReview(apiVersion: ApiVersion, spec: JsonObject): ParsedAccessReview {
  // v1beta1 has the groups under another name.
  const groupsField = apiVersion === 'authorization.k8s.io/v1' ? 'groups' : 'group';
  const { user: username = '', uid = '' } = spec;
  const groups = spec[groupsField] ?? [];
  if (typeof username !== 'string') return invalid('spec.user: expected a string');
  if (typeof uid !== 'string') return invalid('spec.uid: expected a string');
  if (!isListOfStrings(groups)) return invalid(`spec.${groupsField}: expected a list of strings`);
  const extra = toExtra(spec['extra'] ?? {});
  if (extra === undefined) return invalid('spec.extra: expected a map of lists of strings');
  return { ok: true, review: { apiVersion, user: { username, uid, groups, extra } } };
}

/** Go writes a list of nothing as null. */
function toExtra(value: unknown): UserInfo['extra'] | undefined {
  if (!isObject(value)) return undefined;
  const extra = new Map<string, readonly string[]>();
  for (const [key, values] of Object.entries(value)) {
    if (values !== null && !isListOfStrings(values)) return undefined;
    extra.set(key, values ?? []);
  }
  return extra;
}

function toWire(status: AccessReviewStatus): object {
  switch (status.outcome) {
    case 'no-opinion':
      return { allowed: false };
    case 'denied':
      return { allowed: false, denied: true, reason: status.reason };
  }
}

function invalid(error: string): ParsedAccessReview {
  return { ok: false, error };
}
