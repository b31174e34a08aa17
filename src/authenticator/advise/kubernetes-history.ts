import type { KubernetesVersion } from './kubernetes-version.ts';

/**
 * What came to kube-apiserver's AuthenticationConfiguration after 1.30, from kubernetes/apiserver at its tags v0.30.0 to v0.36.0 and
 * v0.37.0-beta.0, and google/cel-go at the version that each one's go.mod names. What is not here was there in 1.30, and nothing
 * of it has gone since. No version knows `x509`.
 */

/** The API versions: pkg/apis/apiserver/v1alpha1, v1beta1 and v1/register.go. */
export const API_VERSIONS: Readonly<Record<string, KubernetesVersion>> = {
  'apiserver.config.k8s.io/v1alpha1': '1.30',
  'apiserver.config.k8s.io/v1beta1': '1.30',
  // v0.34.0: pkg/apis/apiserver/v1/types.go has AuthenticationConfiguration.
  'apiserver.config.k8s.io/v1': '1.34',
};

/** A field, and the version whose decoder knows it first. */
export interface LaterField {
  readonly name: string;
  readonly since: KubernetesVersion;
  /** The feature gate that a version needs for it that already decodes it. */
  readonly gate?: { readonly name: string; readonly onSince: KubernetesVersion };
}

/** `anonymous`: v0.31.0, pkg/apis/apiserver/v1beta1/types.go; its gate: pkg/features/kube_features.go. */
export const ANONYMOUS: LaterField = {
  name: 'anonymous',
  since: '1.31',
  gate: { name: 'AnonymousAuthConfigurableEndpoints', onSince: '1.32' },
};

/** `jwt[].issuer.egressSelectorType`: v0.34.0, pkg/apis/apiserver/v1beta1/types.go; its gate is on from the start. */
export const EGRESS_SELECTOR_TYPE: LaterField = { name: 'egressSelectorType', since: '1.34' };

/** Functions of one library, by cel-go's overload ids. */
interface LaterLibrary {
  readonly since: KubernetesVersion;
  readonly name: string;
  /** Ids, or the beginnings of them where they end in `*`. */
  readonly overloads: readonly string[];
}

/** v0.30.0 to v0.37.0-beta.0, pkg/cel/environment/base.go, and what its libraries declare. */
const LATER_LIBRARIES: readonly LaterLibrary[] = [
  // v0.31.0: library.Format() and, behind a gate that expressions in files do not heed, library.AuthzSelectors().
  { since: '1.31', name: 'the format library', overloads: ['format-named', 'format-validate', 'format.*'] },
  {
    since: '1.31',
    name: 'the selectors of the authorization library',
    overloads: ['authorizer_fieldselector', 'authorizer_labelselector'],
  },
  // v0.32.0: ext.TwoVarComprehensions. Its macros add calls of these or a second variable, which `SECOND_VARIABLE` is about.
  { since: '1.32', name: 'the two-variable comprehensions', overloads: ['@mapInsert_map_*'] },
  // v0.33.0: library.SemverLib(library.SemverVersion(1)).
  {
    since: '1.33',
    name: 'the semver library',
    overloads: ['string_to_semver', 'string_bool_to_semver', 'is_semver_*', 'semver_*'],
  },
  // cel-go v0.23.2, which v0.33.0 has: version 2 of cel.OptionalTypes, which base.go takes at its newest.
  {
    since: '1.33',
    name: 'version 2 of the optional types',
    overloads: ['list_first', 'list_last', 'optional_unwrap', 'optional_unwrapOpt'],
  },
  // v0.34.0: ext.Lists(ext.ListsVersion(3)).
  {
    since: '1.34',
    name: 'the list library',
    overloads: [
      'list_slice',
      'list_flatten',
      'list_flatten_int',
      'lists_range',
      'list_reverse',
      'list_distinct',
      'list_*_sort',
      'list_*_sortByAssociatedKeys',
    ],
  },
];

/** `list.all(i, v, …)` and the like: v0.32.0, ext.TwoVarComprehensions. */
export const SECOND_VARIABLE: { readonly since: KubernetesVersion; readonly name: string } = {
  since: '1.32',
  name: 'the two-variable comprehensions',
};

/** The library that an overload came with, where that was after 1.30. */
export function laterLibraryOf(
  overload: string,
): { readonly since: KubernetesVersion; readonly name: string } | undefined {
  return LATER_LIBRARIES.find(({ overloads }) => overloads.some((pattern) => isOf(overload, pattern)));
}

function isOf(overload: string, pattern: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return overload === pattern;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return overload.length >= pattern.length && overload.startsWith(before) && overload.endsWith(after);
}
