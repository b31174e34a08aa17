import { toCertInput } from '../cel/certificate-input.ts';
import type { Program } from '../cel/compile.ts';
import type { CelInput } from '../cel/frame.ts';
import { decodeFederatedUser } from '../identity/federated-user.ts';
import { toKubernetesUser } from '../identity/kubernetes-user.ts';
import { toMappedUser } from '../identity/mapped-user.ts';
import { describeMappingRefusal, type MappingRefusal } from '../identity/mapping-refusal.ts';
import { workloadProfiles } from '../identity/profile.ts';
import type { UserInfo } from '../identity/user-info.ts';
import { toWorkloadUser } from '../identity/workload-user.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { VerifiedPath } from '../x509/path.ts';
import type { ClaimMappings, Mapping, WorkloadMapping } from './authenticator.ts';
import type { Step } from './decision.ts';
import type { Reason } from './reason.ts';

/** The user of a certificate, or why it has none. */
export type Mapped =
  | { readonly outcome: 'mapped'; readonly user: UserInfo }
  | { readonly outcome: 'denied' | 'no-opinion'; readonly reason: Reason };

/** A path that an entry took, and the federated trust domain by whose anchors it did, where it was not by the entry's own. */
export interface TakenPath {
  readonly path: VerifiedPath;
  readonly federatedTrustDomain?: string;
}

/** Makes the user of a path by an entry's mapping; `steps` gets what it found. */
export function mapUser(mapping: Mapping, taken: TakenPath, steps: Step[]): Mapped {
  switch (mapping.kind) {
    case 'kubernetes':
      return mapByKubernetes(taken.path, steps);
    case 'claims':
      return mapByClaims(mapping, taken.path.certificates[0], steps);
    case 'workload':
      return mapWorkload(mapping, taken, steps);
  }
}

function mapByKubernetes(path: VerifiedPath, steps: Step[]): Mapped {
  const mapping = toKubernetesUser(path);
  switch (mapping.kind) {
    case 'user':
      steps.push({ stage: 'mapping', result: true });
      return { outcome: 'mapped', user: mapping.user };
    case 'no-opinion':
      steps.push({ stage: 'mapping', result: false });
      return { outcome: 'no-opinion', reason: { code: 'mapping/no-common-name' } };
    case 'invalid':
      steps.push({ stage: 'mapping', result: 'error', error: mapping.message });
      return { outcome: 'denied', reason: { code: 'mapping/invalid-uid', problem: mapping.message } };
  }
}

function mapWorkload(
  { profile, trustDomain }: WorkloadMapping,
  { path, federatedTrustDomain }: TakenPath,
  steps: Step[],
): Mapped {
  if (federatedTrustDomain !== undefined) {
    return conclude(decodeFederatedUser(path, federatedTrustDomain), steps);
  }
  const result = workloadProfiles[profile].decode(path, trustDomain);
  const [leaf] = path.certificates;
  return conclude(result.ok ? { ok: true, user: toWorkloadUser(result.workload, leaf) } : result, steps);
}

/**
 * Makes the user of a leaf by expressions. Every one is evaluated; the reason given is the first that stops the mapping, and only
 * then what the values are.
 */
export function mapByClaims(mapping: ClaimMappings, leaf: Certificate, steps: Step[]): Mapped {
  const evaluated = evaluate(mapping, toCertInput(leaf));
  steps.push(...evaluated.steps);
  if (evaluated.reason !== undefined) return { outcome: 'denied', reason: evaluated.reason };
  const { values } = evaluated;
  // What is not configured is empty; what is configured may well be null.
  const valueOf = (field: string): unknown => (values.has(field) ? values.get(field) : '');
  const mapped = {
    username: valueOf('username'),
    groups: valueOf('groups'),
    uid: valueOf('uid'),
    extra: mapping.extra.map(({ key }, index) => ({ key, value: valueOf(`extra[${index}]`) })),
  };
  return conclude(toMappedUser(mapped, leaf, mapping.systemIdentities), steps);
}

interface EvaluatedMappings {
  /** By field. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly steps: readonly Step[];
  readonly reason: Reason | undefined;
}

function evaluate(mapping: ClaimMappings, input: CelInput): EvaluatedMappings {
  const values = new Map<string, unknown>();
  const steps: Step[] = [];
  let stop: Reason | undefined;
  let failure: Reason | undefined;
  for (const [field, program] of programsOf(mapping)) {
    const evaluation = program.evaluate(input);
    const step = { stage: 'mapping', expression: program.expression, cost: evaluation.cost } as const;
    switch (evaluation.kind) {
      case 'value':
        values.set(field, evaluation.value);
        steps.push({ ...step, result: true });
        break;
      case 'error':
        steps.push({ ...step, result: 'error', error: evaluation.message });
        failure ??= { code: 'mapping/evaluation-error', field };
        break;
      case 'cost-limit':
        steps.push({ ...step, result: 'error', error: 'the cost limit was exceeded' });
        stop ??= { code: 'cel/cost-limit', stage: 'mapping', field };
        break;
      case 'fault':
        steps.push({ ...step, result: 'error', error: evaluation.message });
        stop ??= { code: 'internal/fault', stage: 'mapping', field };
        break;
    }
  }
  return { values, steps, reason: stop ?? failure };
}

function programsOf({
  username,
  groups,
  uid,
  extra,
}: ClaimMappings): readonly (readonly [string, Program])[] {
  return [
    ['username', username],
    ...(groups === undefined ? [] : [['groups', groups] as const]),
    ...(uid === undefined ? [] : [['uid', uid] as const]),
    ...extra.map(({ program }, index) => [`extra[${index}]`, program] as const),
  ];
}

type UserResult =
  | { readonly ok: true; readonly user: UserInfo }
  | { readonly ok: false; readonly refusal: MappingRefusal };

function conclude(result: UserResult, steps: Step[]): Mapped {
  if (result.ok) {
    steps.push({ stage: 'mapping', result: true });
    return { outcome: 'mapped', user: result.user };
  }
  steps.push({ stage: 'mapping', result: false, error: describeMappingRefusal(result.refusal) });
  return { outcome: 'denied', reason: result.refusal };
}
