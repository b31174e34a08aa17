import type { TextConstants } from '../../cel/analysis/text-constants.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import type { Entry } from '../authenticator.ts';
import { type KeyAlgorithm, toWitness, type Witness } from './witness.ts';
import { tryWitness } from './witness-trial.ts';

/** As many witnesses as are tried for one claim; each costs the entry's rules once. */
const MAX_WITNESSES = 4000;

/** What somebody might claim to be: a name, or a member of a group. */
export type Claim =
  | { readonly kind: 'username'; readonly name: string }
  | { readonly kind: 'group'; readonly name: string };

/** Whether a user is what was claimed. */
export function isClaimed(claim: Claim, { username, groups }: UserInfo): boolean {
  return claim.kind === 'username' ? username === claim.name : groups.includes(claim.name);
}

/** Whom an entry is asked about, and the texts that it tells people apart by. */
export interface WitnessSearch {
  readonly entry: Entry;
  readonly texts: TextConstants;
  readonly at: number;
}

/** A user that an entry would authenticate and who is what was claimed; found by trying, so that undefined proves nothing. */
export function findWitness({ entry, texts, at }: WitnessSearch, claim: Claim): UserInfo | undefined {
  // The mapping refuses every name and group that somebody could claim here.
  if (entry.mapping.kind === 'claims' && entry.mapping.systemIdentities === 'refused') return undefined;
  let tried = 0;
  for (const witness of witnessesFor(claim, texts, entry)) {
    if (tried === MAX_WITNESSES) return undefined;
    tried += 1;
    const user = tryWitness(entry, witness, at);
    if (user !== undefined && isClaimed(claim, user)) return user;
  }
  return undefined;
}

/** For rules that want a name of some length. */
const LONG_NAME = 'alice-whose-name-is-as-long-as-anybody-could-wish-for';

/** Names that rules on names might ask for. */
function namesFrom({ literals, prefixes, suffixes, samples }: TextConstants): readonly string[] {
  const joined = prefixes.flatMap((prefix) => suffixes.map((suffix) => `${prefix}alice${suffix}`));
  const affixed = literals.flatMap((text) => [text, `${text}alice`, `alice${text}`]);
  return [...new Set(['alice', ...joined, ...samples, ...affixed, LONG_NAME])].filter((name) => name !== '');
}

function* witnessesFor(claim: Claim, texts: TextConstants, entry: Entry): Generator<Witness> {
  const names = namesFrom(texts);
  const { mapping, certificateRules } = entry;
  if (mapping.kind !== 'kubernetes') {
    yield* mappedWitnesses(claim, names);
    return;
  }
  yield* plainWitnesses(claim, texts, names);
  if (certificateRules.length > 0) yield* namedWitnesses(claim, names, texts);
  const readsUid = entry.userRules.some(({ program }) =>
    program.reads.some((read) => read.startsWith('user.uid')),
  );
  if (readsUid) for (const uid of names) yield toWitness({ ...claimedFields(claim), uid });
}

function claimedFields(claim: Claim): Partial<Witness> {
  return claim.kind === 'username' ? { commonName: claim.name } : { organizations: [claim.name] };
}

/** The name and the groups stand in the certificate as they are. */
function* plainWitnesses(claim: Claim, texts: TextConstants, names: readonly string[]): Generator<Witness> {
  const commonNames = claim.kind === 'username' ? [claim.name] : names;
  const claimed = groupsOf(claim);
  // What is few comes before what is every combination, so that the limit cuts off none of it.
  const ordered = [claimed, [...claimed, ...texts.literals], [...texts.literals, ...claimed]];
  for (const organizations of ordered) {
    for (const commonName of commonNames) yield toWitness({ commonName, organizations });
  }
  for (const name of names) yield toWitness({ ...claimedFields(claim), organizations: [name, ...claimed] });
  const groups = groupsFor(claim, names);
  for (const commonName of commonNames) {
    for (const organizations of groups) yield toWitness({ commonName, organizations });
  }
}

/** What rules on certificates may ask for beside them. */
function* namedWitnesses(
  claim: Claim,
  names: readonly string[],
  { literals }: TextConstants,
): Generator<Witness> {
  const all = { uris: names, dnsNames: names, emailAddresses: names, organizationalUnits: names };
  for (const keyAlgorithm of KEY_ALGORITHMS) {
    const base = { ...claimedFields(claim), keyAlgorithm };
    yield toWitness(base);
    for (const serial of literals.filter((text) => /^[0-9a-f]{1,40}$/.test(text)))
      yield toWitness({ ...base, serialNumber: BigInt(`0x${serial}`) });
    yield toWitness({ ...base, ...all });
    for (const name of names) {
      yield* withAlternativeNames(base, name);
      yield* withOtherAttributes(base, name);
    }
  }
}

const KEY_ALGORITHMS: readonly KeyAlgorithm[] = ['ECDSA', 'RSA', 'Ed25519'];

function* withOtherAttributes(base: Partial<Witness>, name: string): Generator<Witness> {
  yield toWitness({ ...base, organizationalUnits: [name] });
  yield toWitness({ ...base, localities: [name] });
  yield toWitness({ ...base, provinces: [name] });
  yield toWitness({ ...base, countries: [name] });
}

function groupsOf(claim: Claim): readonly string[] {
  return claim.kind === 'group' ? [claim.name] : [];
}

function groupsFor(claim: Claim, names: readonly string[]): readonly (readonly string[])[] {
  const claimed = groupsOf(claim);
  return [claimed, ...names.map((name) => [...claimed, name]), [...claimed, ...names]];
}

function* withAlternativeNames(base: Partial<Witness>, name: string): Generator<Witness> {
  yield toWitness({ ...base, uris: [name] });
  yield toWitness({ ...base, dnsNames: [name] });
  yield toWitness({ ...base, emailAddresses: [name] });
}

/** Where names stand in addresses and URIs, of which mappings take a part. */
const WRAPPINGS: readonly ((name: string) => string)[] = [
  (name) => `${name}@id.example`,
  (name) => `${name}.id.example`,
  ...['', 'a/', 'a/b/', 'a/b/c/'].map((path) => (name: string) => `spiffe://id.example/${path}${name}`),
];

/** What is left of a name where a mapping adds its beginning. */
function withoutPrefixes(name: string, texts: readonly string[]): readonly string[] {
  return texts.filter((text) => name.startsWith(text)).map((text) => name.slice(text.length));
}

/** What is claimed, or what a mapping makes of it, anywhere in the certificate. */
function* mappedWitnesses(claim: Claim, names: readonly string[]): Generator<Witness> {
  const claims = [
    claim.name,
    ...withoutPrefixes(claim.name, names),
    ...WRAPPINGS.map((wrap) => wrap(claim.name)),
    ...names.flatMap((name) => [name + claim.name, claim.name + name]),
  ];
  for (const text of claims) {
    const bases: readonly Partial<Witness>[] = [{}, ...names.map((commonName) => ({ commonName }))];
    for (const base of bases) {
      yield toWitness({ ...base, commonName: text });
      yield toWitness({ ...base, organizations: [text] });
      yield* withOtherAttributes(base, text);
      yield* withAlternativeNames(base, text);
      for (const name of names) {
        yield toWitness({ ...base, organizations: [text], uris: [name] });
        yield toWitness({ ...base, organizationalUnits: [text], uris: [name] });
      }
    }
  }
}
