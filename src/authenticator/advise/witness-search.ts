import type { TextConstants } from '../../cel/analysis/text-constants.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import type { Entry } from '../authenticator.ts';
import { toWitness, type Witness } from './witness.ts';
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
  let tried = 0;
  for (const witness of witnessesFor(claim, texts, entry)) {
    if (tried === MAX_WITNESSES) return undefined;
    tried += 1;
    const user = tryWitness(entry, witness, at);
    if (user !== undefined && isClaimed(claim, user)) return user;
  }
  return undefined;
}

/** Names that rules on names might ask for. */
function namesFrom({ literals, prefixes, suffixes, samples }: TextConstants): readonly string[] {
  const joined = prefixes.flatMap((prefix) => suffixes.map((suffix) => `${prefix}alice${suffix}`));
  const affixed = literals.flatMap((text) => [text, `${text}alice`, `alice${text}`]);
  return [...new Set(['alice', ...joined, ...samples, ...affixed])].filter((name) => name !== '');
}

function* witnessesFor(claim: Claim, texts: TextConstants, entry: Entry): Generator<Witness> {
  const names = namesFrom(texts);
  const { mapping, certificateRules } = entry;
  if (mapping.kind !== 'kubernetes') {
    yield* mappedWitnesses(claim, names);
    return;
  }
  yield* plainWitnesses(claim, texts, names);
  if (certificateRules.length > 0) yield* namedWitnesses(claim, names);
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
  const groups = groupsFor(claim, names);
  for (const commonName of commonNames) {
    for (const organizations of groups) yield toWitness({ commonName, organizations });
  }
  yield toWitness({ ...claimedFields(claim), organizations: [...groupsOf(claim), ...texts.literals] });
}

/** What rules on certificates may ask for beside them. */
function* namedWitnesses(claim: Claim, names: readonly string[]): Generator<Witness> {
  for (const name of names) {
    yield* withAlternativeNames(claimedFields(claim), name);
    yield toWitness({ ...claimedFields(claim), organizationalUnits: [name] });
  }
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

/** What is claimed, or what a mapping makes of it, anywhere in the certificate. */
function* mappedWitnesses(claim: Claim, names: readonly string[]): Generator<Witness> {
  const claims = [claim.name, ...names.flatMap((name) => [name + claim.name, claim.name + name])];
  for (const text of claims) {
    const bases: readonly Partial<Witness>[] = [{}, ...names.map((commonName) => ({ commonName }))];
    for (const base of bases) {
      yield toWitness({ ...base, commonName: text });
      yield toWitness({ ...base, organizations: [text] });
      yield toWitness({ ...base, organizationalUnits: [text] });
      yield* withAlternativeNames(base, text);
      for (const name of names) {
        yield toWitness({ ...base, organizations: [text], uris: [name] });
        yield toWitness({ ...base, organizationalUnits: [text], uris: [name] });
      }
    }
  }
}
