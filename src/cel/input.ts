import type { UserInfo } from '../identity/user-info.ts';
import type { CelInput } from './frame.ts';
import { InputMap, fromJson, wrapInput } from './input-value.ts';
import { ObjectValue } from './value.ts';

/** The variable `user`. Every field is bound: what the user lacks is empty. */
export function toUserInput({ username, uid, groups, extra }: UserInfo): CelInput {
  const fields = { username, uid, groups: wrapInput(groups), extra: new InputMap(extra) };
  return { user: new ObjectValue('kubernetes.UserInfo', fields) };
}

/** The variable `request`; `remoteAddress` is the peer's IP address in canonical text, without a port. */
export function toRequestInput({ remoteAddress }: { readonly remoteAddress: string }): CelInput {
  return { request: new ObjectValue('kubernetes.RequestInfo', { remoteaddr: remoteAddress }) };
}

/** The variable `claims`, from the JSON object that a token's payload is. */
export function toClaimsInput(claims: Readonly<Record<string, unknown>>): CelInput {
  const fields = Object.entries(claims).map(([name, json]) => [name, wrapInput(fromJson(json))] as const);
  return { claims: new ObjectValue('kubernetes.claims', Object.fromEntries(fields)) };
}
