import { noSuchOverload } from '../error.ts';
import { type Overload, overload } from '../overload.ts';
import type { CelResult } from '../value.ts';

const NAMESPACE = 'kubernetes.authorization';
const AUTHORIZER = `${NAMESPACE}.Authorizer`;
const PATH_CHECK = `${NAMESPACE}.PathCheck`;
const GROUP_CHECK = `${NAMESPACE}.GroupCheck`;
const RESOURCE_CHECK = `${NAMESPACE}.ResourceCheck`;
const DECISION = `${NAMESPACE}.Decision`;

/** No authentication rule has a value of these types: without an authorizer nothing makes one. */
function unreachable(): CelResult {
  return noSuchOverload();
}

function declare(id: string, signature: string): Overload {
  return overload(id, signature, { evaluate: unreachable });
}

/** Kubernetes' functions on its authorizer, which the checker knows and no rule can call. */
export const authorizationOverloads: readonly Overload[] = [
  declare('authorizer_path', `<${AUTHORIZER}>.path(string) -> ${PATH_CHECK}`),
  declare('authorizer_group', `<${AUTHORIZER}>.group(string) -> ${GROUP_CHECK}`),
  declare('authorizer_serviceaccount', `<${AUTHORIZER}>.serviceAccount(string, string) -> ${AUTHORIZER}`),
  declare('groupcheck_resource', `<${GROUP_CHECK}>.resource(string) -> ${RESOURCE_CHECK}`),
  declare('resourcecheck_name', `<${RESOURCE_CHECK}>.name(string) -> ${RESOURCE_CHECK}`),
  declare('resourcecheck_namespace', `<${RESOURCE_CHECK}>.namespace(string) -> ${RESOURCE_CHECK}`),
  declare('resourcecheck_subresource', `<${RESOURCE_CHECK}>.subresource(string) -> ${RESOURCE_CHECK}`),
  declare('authorizer_fieldselector', `<${RESOURCE_CHECK}>.fieldSelector(string) -> ${RESOURCE_CHECK}`),
  declare('authorizer_labelselector', `<${RESOURCE_CHECK}>.labelSelector(string) -> ${RESOURCE_CHECK}`),
  declare('pathcheck_check', `<${PATH_CHECK}>.check(string) -> ${DECISION}`),
  declare('resourcecheck_check', `<${RESOURCE_CHECK}>.check(string) -> ${DECISION}`),
  declare('decision_allowed', `<${DECISION}>.allowed() -> bool`),
  declare('decision_reason', `<${DECISION}>.reason() -> string`),
  declare('decision_errored', `<${DECISION}>.errored() -> bool`),
  declare('decision_error', `<${DECISION}>.error() -> string`),
];
