import type { UserInfo } from '../identity/user-info.ts';
import type { CelInput } from './frame.ts';
import { InputMap, fromJson, wrapInput } from './input-value.ts';
import { type CelValue, ObjectValue } from './value.ts';

/** The variable `user`. Every field is bound: what the user lacks is empty. */
export function toUserInput(user: UserInfo): CelInput {
  const fields = new Map<string, CelValue>();
  fields.set('username', user.username);
  fields.set('uid', user.uid);
  fields.set('groups', wrapInput(user.groups));
  fields.set('extra', new InputMap(user.extra));
  return variable('user', new ObjectValue('kubernetes.UserInfo', fields));
}

/** The variable `request`; `remoteAddress` is the peer's IP address in canonical text, without a port. */
export function toRequestInput({ remoteAddress }: { readonly remoteAddress: string }): CelInput {
  const fields = new Map<string, CelValue>([['remoteaddr', remoteAddress]]);
  return variable('request', new ObjectValue('kubernetes.RequestInfo', fields));
}

/** The variable `claims`, from the JSON object that a token's payload is. */
export function toClaimsInput(claims: Readonly<Record<string, unknown>>): CelInput {
  const fields = new Map(Object.entries(claims).map(([name, json]) => [name, wrapInput(fromJson(json))]));
  return variable('claims', new ObjectValue('kubernetes.claims', fields));
}

function variable(name: string, value: CelValue): CelInput {
  return new Map([[name, value]]);
}
