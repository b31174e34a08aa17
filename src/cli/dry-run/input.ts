import { readFileSync } from 'node:fs';
import type { Authenticator, Entry } from '../../authenticator/authenticator.ts';
import { checkAudience } from '../audience.ts';
import { Failure } from '../failure.ts';
import { loadPolicy, type PolicyFiles } from '../policy.ts';
import type { Chain } from '../read-certificates.ts';
import { readFlagFile } from '../read-file.ts';
import type { DryRunFlags } from './flags.ts';
import { readPresentedChain } from './presented-chain.ts';
import { presentToken } from './token-evidence.ts';
import { createStandIn, findEntry, withStandIn } from './stand-in.ts';
import { isSynthetic, mintFromFlags } from './synthetic-flags.ts';
import type { Presented } from './trial.ts';

/** When, and from where. */
export interface Circumstances {
  readonly at: number;
  readonly remoteAddress: string | undefined;
}

/** The policy, and that of `--compare`, with the one thing that there is to decide about. */
export interface SingleTrial {
  readonly authenticator: Authenticator;
  readonly old?: Authenticator;
  readonly source: string;
  readonly notes: readonly string[];
  readonly presented: Presented;
}

/** Evidence of which nobody signed anything. */
export function presentChain(chain: Chain, { at, remoteAddress }: Circumstances): Presented {
  const evidence = { chain, possession: { kind: 'assumed' } as const, at };
  return {
    kind: 'evidence',
    evidence: { ...evidence, ...(remoteAddress !== undefined && { remoteAddress }) },
  };
}

/**
 * Loads the policies and takes the evidence from the one source that the flags name.
 *
 * @throws Failure where there is none, or more than one, or where it cannot be read.
 */
export async function readTrial(flags: DryRunFlags, circumstances: Circumstances): Promise<SingleTrial> {
  const { cert, token, kubeconfig } = flags;
  const synthetic = isSynthetic(flags);
  const given = [cert, token, kubeconfig, synthetic || undefined].filter((source) => source !== undefined);
  if (given.length !== 1) {
    throw new Failure(
      'give one of --cert, --token, --kubeconfig, --subject (or one of the -san flags), or files of certificates as arguments',
    );
  }
  if (synthetic) return synthesize(flags, circumstances);
  const policies = loadPolicies(flags);
  if (token !== undefined)
    return { ...policies, notes: [], ...readToken(flags, token, { policies, circumstances }) };
  const { source, chain } = readPresentedChain(flags);
  return { ...policies, notes: [], source, presented: presentChain(chain, circumstances) };
}

/** The policy and the one it is compared with. */
export function loadPolicies(flags: DryRunFlags): Pick<SingleTrial, 'authenticator' | 'old'> {
  const authenticator = loadPolicy('--config', policyFiles(flags, flags.config));
  if (flags.compare === undefined) return { authenticator };
  return { authenticator, old: loadPolicy('--compare', policyFiles(flags, flags.compare)) };
}

function policyFiles({ certificateAuthorityFile, revocationFile }: DryRunFlags, config: string): PolicyFiles {
  return { config, certificateAuthorityFile, revocationFile };
}

function readToken(
  flags: DryRunFlags,
  path: string,
  { policies, circumstances }: { policies: Pick<SingleTrial, 'authenticator'>; circumstances: Circumstances },
): Pick<SingleTrial, 'source' | 'presented'> {
  if (flags.audience === undefined)
    throw new Failure('--audience is required with --token: which cluster is it for?');
  const audience = checkAudience(flags.audience);
  const bytes = path === '-' ? readFileSync(0) : readFlagFile('--token', path);
  const text = bytes.toString('utf8').trim();
  if (text === '') throw new Failure(`--token: ${path} is empty`);
  const presented = presentToken(policies.authenticator, { token: text, audience, ...circumstances });
  return { source: path === '-' ? 'a token from standard input' : `the token in ${path}`, presented };
}

async function synthesize(flags: DryRunFlags, circumstances: Circumstances): Promise<SingleTrial> {
  const { loadRehearsal } = await import('./rehearsal.ts');
  const { at } = circumstances;
  const { authenticator, notes } = await loadRehearsal('--config', policyFiles(flags, flags.config), at);
  const entry = chooseEntry(authenticator, flags.entry);
  const standIn = await createStandIn(entry.issuerName, at);
  const chain = await mintFromFlags(flags, standIn, at);
  const trial = {
    authenticator: withStandIn(authenticator, entry.index, standIn),
    source: 'a synthetic certificate',
    notes: [
      `nobody issued this certificate: a throw-away CA of the same name stands in for the anchors of ${entry.id}`,
      ...notes,
    ],
    presented: presentChain(chain, circumstances),
  };
  if (flags.compare === undefined) return trial;
  const old = await loadRehearsal('--compare', policyFiles(flags, flags.compare), at);
  const oldEntry = findEntry(old.authenticator, entry.issuerName);
  return {
    ...trial,
    old: oldEntry === undefined ? old.authenticator : withStandIn(old.authenticator, oldEntry.index, standIn),
  };
}

function chooseEntry(authenticator: Authenticator, wanted: string | undefined): Entry {
  const { entries } = authenticator;
  const ids = entries.map(({ id }) => id).join(', ');
  const [first, second] = entries;
  if (first === undefined) throw new Failure('--config: no x509 entry is configured');
  if (wanted === undefined) {
    if (second === undefined) return first;
    throw new Failure(`--entry is required: which entry's CA would have issued it? There are ${ids}`);
  }
  const found = findEntry(authenticator, wanted);
  if (found === undefined) throw new Failure(`--entry: no entry ${JSON.stringify(wanted)}: there are ${ids}`);
  return found;
}
