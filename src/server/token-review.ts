import { toUserJson } from '../authenticator/decision-json.ts';
import type { UserInfo } from '../identity/user-info.ts';
import { isListOfStrings, isObject, quote } from './json-value.ts';

/** The TokenReview versions that kube-apiserver sends; v1beta1 is its default. */
const API_VERSIONS = ['authentication.k8s.io/v1', 'authentication.k8s.io/v1beta1'] as const;

/** What of a TokenReview is asked: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/ */
export interface TokenReview {
  readonly apiVersion: (typeof API_VERSIONS)[number];
  readonly token: string;
  /** Whom the token must be for; empty where the asker does not care about audiences. */
  readonly audiences: readonly string[];
}

/** What is answered; an answer without `user` is a refusal. */
export type TokenReviewStatus =
  | { readonly authenticated: false; readonly error?: string }
  | { readonly authenticated: true; readonly user: UserInfo; readonly audiences?: readonly string[] };

export type ParsedReview =
  | { readonly ok: true; readonly review: TokenReview }
  | { readonly ok: false; readonly error: string };

/** Reads the body of a review. The error names the field, what is wrong and what would be right; it holds no token. */
export function parseTokenReview(body: string): ParsedReview {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return invalid('the body is not JSON: expected a TokenReview of authentication.k8s.io/v1 or v1beta1');
  }
  if (!isObject(value)) return invalid('the body is not a JSON object: expected a TokenReview');
  const { kind, apiVersion: version, spec } = value;
  if (kind !== 'TokenReview') return invalid(`kind: got ${quote(kind)}, expected "TokenReview"`);
  const apiVersion = API_VERSIONS.find((candidate) => candidate === version);
  if (apiVersion === undefined) {
    return invalid(`apiVersion: got ${quote(version)}, expected ${API_VERSIONS.map(quote).join(' or ')}`);
  }
  if (!isObject(spec)) return invalid('spec: expected an object with a token');
  const { token, audiences = [] } = spec;
  if (typeof token !== 'string' || token === '') return invalid('spec.token: expected a non-empty string');
  if (audiences !== null && !isListOfStrings(audiences))
    return invalid('spec.audiences: expected a list of strings');
  return { ok: true, review: { apiVersion, token, audiences: audiences ?? [] } };
}

/** The body of the answer: the review's own apiVersion and kind, and the status alone. */
export function toTokenReviewJson(apiVersion: TokenReview['apiVersion'], status: TokenReviewStatus): object {
  return { kind: 'TokenReview', apiVersion, status: toWire(status) };
}

function toWire(status: TokenReviewStatus): object {
  if (!status.authenticated) return status;
  const { user, audiences } = status;
  return { authenticated: true, user: toUserJson(user), ...(audiences && { audiences }) };
}

function invalid(error: string): ParsedReview {
  return { ok: false, error };
}
