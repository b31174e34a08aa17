import { type TextConstants, textConstants } from '../../cel/analysis/text-constants.ts';
import { examine } from '../../cel/analysis/examined-expression.ts';
import { environments } from '../../cel/environment.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import type { Entry } from '../authenticator.ts';
import { toWitness, type Witness } from './witness.ts';
import { tryWitness } from './witness-trial.ts';

/** As many witnesses as are tried for one claim; each costs the entry's rules once. */
const MAX_WITNESSES = 4000;

/** More texts than these of a kind are not tried. */
const MAX_TEXTS = 24;

/** What somebody might claim to be: a name, or a member of a group. */
export type Claim =
  | { readonly kind: 'username'; readonly name: string }
  | { readonly kind: 'group'; readonly name: string };

/** Whether a user is what was claimed. */
export function isClaimed(claim: Claim, { username, groups }: UserInfo): boolean {
  return claim.kind === 'username' ? username === claim.name : groups.includes(claim.name);
}

/** The texts that an entry's rules and mappings tell certificates and users apart by. */
export function textsOf(entry: Entry): TextConstants {
  const user = entry.userRules.map(({ expression }) => examine(expression, environments.user));
  const mapping = entry.mapping.kind === 'claims' ? entry.mapping : undefined;
  const programs = [
    mapping?.username,
    mapping?.groups,
    mapping?.uid,
    ...(mapping?.extra ?? []).map(({ program }) => program),
  ];
  const expressions = [...entry.certificateRules, ...programs.filter((program) => program !== undefined)];
  const certificate = expressions.map(({ expression }) => examine(expression, environments.cert));
  const constants = [...user, ...certificate].filter((examined) => examined !== undefined).map(textConstants);
  const all = (pick: (of: TextConstants) => readonly string[]): readonly string[] =>
    [...new Set(constants.flatMap(pick))].slice(0, MAX_TEXTS);
  return {
    literals: all(({ literals }) => literals),
    prefixes: all(({ prefixes }) => prefixes),
    suffixes: all(({ suffixes }) => suffixes),
    samples: all(({ samples }) => samples),
  };
}

/** A user that an entry would authenticate and who is what was claimed; found by trying, so that undefined proves nothing. */
export function findWitness(entry: Entry, claim: Claim, at: number): UserInfo | undefined {
  const texts = textsOf(entry);
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

function* witnessesFor(claim: Claim, texts: TextConstants, { mapping }: Entry): Generator<Witness> {
  const names = namesFrom(texts);
  if (mapping.kind === 'kubernetes') yield* plainWitnesses(claim, texts, names);
  else yield* mappedWitnesses(claim, names);
}

/** The name and the groups stand in the certificate as they are; its alternative names may be asked for beside them. */
function* plainWitnesses(claim: Claim, texts: TextConstants, names: readonly string[]): Generator<Witness> {
  const commonNames = claim.kind === 'username' ? [claim.name] : names;
  for (const commonName of commonNames) {
    for (const organizations of groupsFor(claim, names)) {
      yield toWitness({ commonName, organizations });
    }
  }
  for (const name of names) {
    const organizations = claim.kind === 'group' ? [claim.name] : [];
    const commonName = claim.kind === 'username' ? claim.name : 'alice';
    const base = { commonName, organizations };
    yield* withAlternativeNames(base, name);
    yield toWitness({ ...base, uid: name });
    yield toWitness({ ...base, organizationalUnits: [name] });
  }
  yield toWitness({
    organizations: texts.literals,
    ...(claim.kind === 'username' && { commonName: claim.name }),
  });
}

function groupsFor(claim: Claim, names: readonly string[]): readonly (readonly string[])[] {
  const claimed = claim.kind === 'group' ? [claim.name] : [];
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
      for (const name of names.slice(0, MAX_TEXTS)) {
        yield toWitness({ ...base, organizations: [text], uris: [name] });
        yield toWitness({ ...base, organizationalUnits: [text], uris: [name] });
      }
    }
  }
}
