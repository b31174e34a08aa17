import type { Certificate } from '../x509/certificate.ts';
import { CREDENTIAL_ID, credentialId } from './kubernetes-user.ts';
import type { MappingRefusal, MappingRefusalCode } from './mapping-refusal.ts';
import type { UserInfo } from './user-info.ts';

/** A value of the user's extra and its key, which was checked when the configuration was loaded. */
export interface ExtraValue {
  readonly key: string;
  readonly value: unknown;
}

/**
 * What the expressions of claim mappings gave, as JavaScript has such values: strings, null, arrays. One that is of none of these
 * types, or an array of other things than strings, makes no user. A mapping that is not configured gave an empty string.
 */
export interface MappedValues {
  readonly username: unknown;
  readonly groups: unknown;
  readonly uid: unknown;
  readonly extra: readonly ExtraValue[];
}

/** Whether the mappings may give names and groups that begin with `system:`, which are Kubernetes' own. */
export type SystemIdentities = 'allowed' | 'refused';

export type MappedUserResult =
  | { readonly ok: true; readonly user: UserInfo }
  | { readonly ok: false; readonly refusal: MappingRefusal };

/**
 * Makes the user of mapped values, as kube-apiserver converts those of a token's claims: a username that is not empty, a uid; groups
 * and extra values from a string or a list of strings, empty strings dropped, extra keys without values left out. The certificate's
 * fingerprint is added as credential id.
 */
export function toMappedUser(
  values: MappedValues,
  leaf: Certificate,
  systemIdentities: SystemIdentities,
): MappedUserResult {
  const { username, uid } = values;
  if (typeof username !== 'string') return refuse('mapping/username-type');
  if (username === '') return refuse('mapping/username-empty');
  const groups = toStrings(values.groups);
  if (groups === undefined) return refuse('mapping/groups-type');
  if (typeof uid !== 'string') return refuse('mapping/uid-type');
  const extra = toExtra(values.extra);
  if (!extra.ok) return extra;
  if (systemIdentities === 'refused') {
    const refusal = findSystemIdentity(username, groups);
    if (refusal !== undefined) return { ok: false, refusal };
  }
  // Last, so that it holds whatever was mapped.
  const entries = [...extra.entries, [CREDENTIAL_ID, [credentialId(leaf)]] as const];
  return { ok: true, user: { username, uid, groups, extra: new Map(entries) } };
}

type ExtraResult =
  | { readonly ok: true; readonly entries: readonly (readonly [string, readonly string[]])[] }
  | { readonly ok: false; readonly refusal: MappingRefusal };

function toExtra(values: readonly ExtraValue[]): ExtraResult {
  const entries: [string, readonly string[]][] = [];
  for (const { key, value } of values) {
    const strings = toStrings(value);
    if (strings === undefined) return refuse('mapping/extra-type', key);
    if (strings.length > 0) entries.push([key, strings]);
  }
  return { ok: true, entries };
}

/** The strings that are not empty, of one or of a list; none of null; undefined where the value is anything else. */
function toStrings(value: unknown): readonly string[] | undefined {
  if (value === null) return [];
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  const strings = items.filter((item) => typeof item === 'string');
  return strings.length === items.length ? strings.filter((text) => text !== '') : undefined;
}

function findSystemIdentity(username: string, groups: readonly string[]): MappingRefusal | undefined {
  if (isSystemName(username)) return { code: 'mapping/system-username', value: username };
  const value = groups.find(isSystemName);
  return value === undefined ? undefined : { code: 'mapping/system-group', value };
}

function isSystemName(name: string): boolean {
  return name.startsWith('system:');
}

function refuse(
  code: MappingRefusalCode,
  value?: string,
): { readonly ok: false; readonly refusal: MappingRefusal } {
  return { ok: false, refusal: value === undefined ? { code } : { code, value } };
}
