import { toCertInput } from '../../cel/certificate-input.ts';
import type { Program } from '../../cel/compile.ts';
import type { CelInput } from '../../cel/frame.ts';
import { toRequestInput, toUserInput } from '../../cel/input.ts';
import { CREDENTIAL_ID } from '../../identity/kubernetes-user.ts';
import type { Mapping } from '../authenticator.ts';
import type { RuleKind } from '../reason.ts';
import { toWitness, toWitnessCertificate } from './witness.ts';
import type { WitnessSearch } from './witness-search.ts';
import { issuerOf } from './witness-trial.ts';

/**
 * Bytes of names that a certificate may bring: a token is 32 KiB of base64 with a key and signatures beside it, and each name
 * takes some bytes of DER of its own.
 */
const NAME_BYTES = 20_000;
const ATTRIBUTE_BYTES = 11;
const SAN_BYTES = 2;

/** The longest canonical text of an address. */
const LONGEST_ADDRESS = '2001:db8:1111:2222:3333:4444:5555:6666';

/** The most that an evaluation was seen to cost, and on what. */
export interface WorstCase {
  readonly cost: number;
  readonly isOverLimit: boolean;
  readonly input: string;
}

interface Trial {
  readonly label: string;
  readonly input: CelInput;
}

/** What a rule costs on the largest inputs that a certificate can bring; a bound from below, since it was measured. */
export function worstCaseOf(program: Program, kind: RuleKind | 'mapping', search: WitnessSearch): WorstCase {
  let worst: WorstCase = { cost: 0, isOverLimit: false, input: '' };
  for (const { label, input } of trialsFor(kind, search)) {
    const evaluation = program.evaluate(input);
    if (evaluation.kind === 'cost-limit') return { cost: evaluation.cost, isOverLimit: true, input: label };
    if (evaluation.cost > worst.cost) worst = { cost: evaluation.cost, isOverLimit: false, input: label };
  }
  return worst;
}

function trialsFor(kind: RuleKind | 'mapping', search: WitnessSearch): readonly Trial[] {
  if (kind === 'request')
    return [{ label: 'an IPv6 address', input: toRequestInput({ remoteAddress: LONGEST_ADDRESS }) }];
  return kind === 'user' ? userTrials(search) : certificateTrials(search);
}

/** Texts to fill an input with: short, long, and such as the rules look for, so that no look-up ends early. */
function fillings({ texts: { literals, samples } }: WitnessSearch): readonly string[] {
  return ['g', 'g'.repeat(50), ...literals.slice(0, 8), ...samples.slice(0, 4)].filter((text) => text !== '');
}

/** As many different texts as there is room for. */
function many(text: string, overhead: number): readonly string[] {
  const length = text.length + 4 + overhead;
  return Array.from(
    { length: Math.max(1, Math.floor(NAME_BYTES / length)) },
    (_, index) => text + index.toString(36),
  );
}

function userTrials(search: WitnessSearch): readonly Trial[] {
  const long = 'n'.repeat(NAME_BYTES);
  const credential = [CREDENTIAL_ID, [`X509SHA256=${'0'.repeat(64)}`]] as const;
  const base = {
    username: 'alice',
    uid: '',
    groups: [],
    extra: new Map<string, readonly string[]>([credential]),
  };
  const extraOf = (values: readonly string[]): ReadonlyMap<string, readonly string[]> =>
    new Map([credential, ...extraKeys(search.entry.mapping).map((key) => [key, values] as const)]);
  return [
    { label: `a username of ${NAME_BYTES} characters`, input: toUserInput({ ...base, username: long }) },
    { label: `a uid of ${NAME_BYTES} characters`, input: toUserInput({ ...base, uid: long }) },
    ...fillings(search).flatMap((text) => {
      const values = many(text, ATTRIBUTE_BYTES);
      const same = values.map(() => text);
      return [
        { label: `${values.length} groups`, input: toUserInput({ ...base, groups: values }) },
        { label: `${values.length} equal groups`, input: toUserInput({ ...base, groups: same }) },
        {
          label: `${values.length} values of extra`,
          input: toUserInput({ ...base, extra: extraOf(values) }),
        },
      ];
    }),
  ];
}

function extraKeys(mapping: Mapping): readonly string[] {
  return mapping.kind === 'claims' ? mapping.extra.map(({ key }) => key) : [];
}

function certificateTrials(search: WitnessSearch): readonly Trial[] {
  const inputOf = (fields: Parameters<typeof toWitness>[0]): CelInput =>
    toCertInput(toWitnessCertificate(toWitness(fields), { at: search.at, issuer: issuerOf(search.entry) }));
  return [
    {
      label: `a common name of ${NAME_BYTES} characters`,
      input: inputOf({ commonName: 'n'.repeat(NAME_BYTES) }),
    },
    ...fillings(search).flatMap((text) => {
      const attributes = many(text, ATTRIBUTE_BYTES);
      const names = many(text, SAN_BYTES);
      return [
        { label: `${attributes.length} organizations`, input: inputOf({ organizations: attributes }) },
        {
          label: `${attributes.length} organizational units`,
          input: inputOf({ organizationalUnits: attributes }),
        },
        { label: `${names.length} URIs`, input: inputOf({ uris: names }) },
        { label: `${names.length} DNS names`, input: inputOf({ dnsNames: names }) },
        { label: `${names.length} e-mail addresses`, input: inputOf({ emailAddresses: names }) },
      ];
    }),
  ];
}
