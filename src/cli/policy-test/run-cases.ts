import { dirname, resolve } from 'node:path';
import type { Authenticator, Entry } from '../../authenticator/authenticator.ts';
import { parseInstant, parseRemoteAddress } from '../dry-run/flags.ts';
import { presentChain } from '../dry-run/input.ts';
import { loadRehearsal } from '../dry-run/rehearsal.ts';
import { createStandIn, findEntry, withStandIn } from '../dry-run/stand-in.ts';
import { judge, outcomeOf, reasonOf, toVerdictJson, type Verdict } from '../dry-run/trial.ts';
import { Failure } from '../failure.ts';
import { readWholeFile } from '../read-file.ts';
import { mintCaseChain, readCaseChain, type Surroundings } from './case-certificate.ts';
import type { Answer, CaseResult, FileResult, PolicyPart } from './case-result.ts';
import { findMismatches } from './expectation.ts';
import type { ConfigTestFile, PolicyCase } from './policy-test-file.ts';

/**
 * Runs a file's cases of an AuthenticationConfiguration; its file names are relative to it.
 *
 * @throws Failure for a configuration or a case that cannot be used.
 */
export async function runCases(path: string, file: ConfigTestFile, now: number): Promise<FileResult> {
  const fromHere = (name: string): string => resolve(dirname(path), name);
  const { certificateAuthorityFile, revocationFiles = [] } = file;
  const config = fromHere(file.config);
  const { authenticator, notes } = await loadRehearsal(
    path,
    {
      config,
      certificateAuthorityFile:
        certificateAuthorityFile === undefined ? undefined : fromHere(certificateAuthorityFile),
      revocationFile: revocationFiles.map(fromHere),
      readFile: (name) => readWholeFile(resolve(dirname(config), name)),
    },
    now,
  );
  const cases: CaseResult[] = [];
  for (const policyCase of file.cases) {
    const place = `${path}: case ${JSON.stringify(policyCase.name)}`;
    cases.push(await runCase(policyCase, authenticator, { place, now, fromHere }));
  }
  return { path, policy: config, parts: authenticator.entries.map(toPart), notes, cases };
}

function toPart({ id, requestRules, certificateRules, userRules }: Entry): PolicyPart {
  return {
    name: id,
    rules: [
      ['request', requestRules.length],
      ['certificate', certificateRules.length],
      ['user', userRules.length],
    ],
  };
}

async function runCase(
  policyCase: PolicyCase,
  authenticator: Authenticator,
  surroundings: Surroundings,
): Promise<CaseResult> {
  const verdict = await judgeCase(policyCase, authenticator, surroundings);
  const answer = toAnswer(verdict);
  const user =
    verdict.kind === 'decided' && verdict.decision.outcome === 'authenticated'
      ? verdict.decision.user
      : undefined;
  return { name: policyCase.name, answer, mismatches: findMismatches(answer, policyCase.expect, user) };
}

async function judgeCase(
  { certificate, remoteAddr, at }: PolicyCase,
  authenticator: Authenticator,
  surroundings: Surroundings,
): Promise<Verdict> {
  const { place, now } = surroundings;
  const circumstances = {
    at: at === undefined ? now : parseInstant(`${place}: at`, at),
    remoteAddress:
      remoteAddr === undefined ? undefined : parseRemoteAddress(`${place}: remoteAddr`, remoteAddr),
  };
  if (certificate.file !== undefined)
    return judge(authenticator, presentChain(readCaseChain(certificate, surroundings), circumstances));
  const entry = chooseEntry(authenticator, certificate.entry, place);
  const standIn = await createStandIn(entry.issuerName, circumstances.at);
  const chain = await mintCaseChain(certificate, standIn, { place, at: circumstances.at });
  return judge(withStandIn(authenticator, entry.index, standIn), presentChain(chain, circumstances));
}

function toAnswer(verdict: Verdict): Answer {
  const reason = reasonOf(verdict);
  const entry = verdict.kind === 'decided' ? verdict.decision.entry : undefined;
  return {
    outcome: outcomeOf(verdict),
    ...(reason !== undefined && { reason }),
    decision: toVerdictJson(verdict),
    ...(entry !== undefined && { judgedBy: entry.id }),
    steps: verdict.kind === 'decided' ? verdict.decision.steps : [],
  };
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
