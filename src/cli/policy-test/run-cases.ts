import { dirname, resolve } from 'node:path';
import type { Authenticator, Entry } from '../../authenticator/authenticator.ts';
import { parseInstant, parseRemoteAddress } from '../dry-run/flags.ts';
import { type Circumstances, presentChain } from '../dry-run/input.ts';
import { loadRehearsal } from '../dry-run/rehearsal.ts';
import { createStandIn, findEntry, mintSynthetic, withStandIn } from '../dry-run/stand-in.ts';
import { judge, type Verdict } from '../dry-run/trial.ts';
import { Failure, reasonOf } from '../failure.ts';
import { type Chain, readCertificates } from '../read-certificates.ts';
import { readFlagFile } from '../read-file.ts';
import { findMismatches } from './expectation.ts';
import type { CaseCertificate, PolicyCase, PolicyTestFile } from './policy-test-file.ts';

/** What became of one case; no mismatch: it passed. */
export interface CaseResult {
  readonly name: string;
  readonly verdict: Verdict;
  readonly mismatches: readonly string[];
}

/** What became of a file's cases, and under which entries. */
export interface FileResult {
  readonly path: string;
  readonly entries: readonly Entry[];
  /** Files of anchors that are not here and have stand-ins. */
  readonly missing: readonly string[];
  readonly cases: readonly CaseResult[];
}

/** An hour: the lifetime of a certificate of which nothing else is said. */
const LIFETIME = 3600 * 1000;

/**
 * Runs a file's cases; its file names are relative to it.
 *
 * @throws Failure for a configuration or a case that cannot be used.
 */
export async function runCases(path: string, file: PolicyTestFile, now: number): Promise<FileResult> {
  const fromHere = (name: string): string => resolve(dirname(path), name);
  const { certificateAuthorityFile, revocationFiles = [] } = file;
  const rehearsal = await loadRehearsal(
    path,
    {
      config: fromHere(file.config),
      certificateAuthorityFile:
        certificateAuthorityFile === undefined ? undefined : fromHere(certificateAuthorityFile),
      revocationFile: revocationFiles.map(fromHere),
    },
    now,
  );
  const { authenticator, missing } = rehearsal;
  const cases: CaseResult[] = [];
  for (const policyCase of file.cases) {
    const place = `${path}: case ${JSON.stringify(policyCase.name)}`;
    cases.push(await runCase(policyCase, authenticator, { place, now, fromHere }));
  }
  return { path, entries: authenticator.entries, missing, cases };
}

interface Surroundings {
  readonly place: string;
  readonly now: number;
  readonly fromHere: (name: string) => string;
}

async function runCase(
  { name, certificate, remoteAddr, at, expect }: PolicyCase,
  authenticator: Authenticator,
  surroundings: Surroundings,
): Promise<CaseResult> {
  const { place, now } = surroundings;
  const circumstances = {
    at: at === undefined ? now : parseInstant(`${place}: at`, at),
    remoteAddress:
      remoteAddr === undefined ? undefined : parseRemoteAddress(`${place}: remoteAddr`, remoteAddr),
  };
  const verdict =
    certificate.file === undefined
      ? await judgeSynthetic(certificate, authenticator, { ...surroundings, circumstances })
      : judge(authenticator, presentChain(readChain(certificate, surroundings), circumstances));
  return { name, verdict, mismatches: findMismatches(verdict, expect) };
}

function readChain({ file = '', chain }: CaseCertificate, { place, fromHere }: Surroundings): Chain {
  const read = (name: string): Chain => {
    const result = readCertificates(readFlagFile(place, fromHere(name)));
    if (!result.ok) throw new Failure(`${place}: ${name}: ${result.error}`);
    return result.chain;
  };
  const [leaf, ...others] = read(file);
  return chain === undefined ? [leaf, ...others] : [leaf, ...others, ...read(chain)];
}

async function judgeSynthetic(
  certificate: CaseCertificate,
  authenticator: Authenticator,
  { place, circumstances }: Surroundings & { readonly circumstances: Circumstances },
): Promise<Verdict> {
  const { entry: wanted, notBefore: from, notAfter: until, subject = [], ...names } = certificate;
  const entry = chooseEntry(authenticator, wanted, place);
  const { at } = circumstances;
  const notBefore = from === undefined ? at : parseInstant(`${place}: notBefore`, from);
  const notAfter = until === undefined ? notBefore + LIFETIME : parseInstant(`${place}: notAfter`, until);
  const standIn = await createStandIn(entry.issuerName, at);
  const template = { ...names, subject, notBefore, notAfter };
  const leaf = await mintSynthetic(standIn, template).catch((error: unknown) => {
    throw new Failure(`${place}: there is no certificate like that: ${reasonOf(error)}`);
  });
  return judge(withStandIn(authenticator, entry.index, standIn), presentChain([leaf], circumstances));
}

function chooseEntry(authenticator: Authenticator, wanted: string | undefined, place: string): Entry {
  const { entries } = authenticator;
  const [only, second] = entries;
  const found =
    wanted === undefined ? (second === undefined ? only : undefined) : findEntry(authenticator, wanted);
  if (found === undefined) {
    const ids = entries.map(({ id }) => id).join(', ') || 'none';
    throw new Failure(`${place}: certificate.entry: expected the entry whose CA issues it: there are ${ids}`);
  }
  return found;
}
