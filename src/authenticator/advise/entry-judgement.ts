import type { Entry, Mapping, Rule } from '../authenticator.ts';

/** Whether two entries judge everybody alike: by the same rules, mapping, policy and revocation. */
export function sameJudgement(a: Entry, b: Entry): boolean {
  return judgementOf(a) === judgementOf(b) && a.revocation === b.revocation;
}

function judgementOf(entry: Entry): string {
  const { requestRules, certificateRules, userRules, mapping, evaluationFailurePolicy } = entry;
  return JSON.stringify([
    expressionsOf(requestRules),
    expressionsOf(certificateRules),
    expressionsOf(userRules),
    mappingOf(mapping),
    evaluationFailurePolicy,
  ]);
}

function expressionsOf(rules: readonly Rule[]): readonly string[] {
  return rules.map(({ expression }) => expression).sort();
}

function mappingOf(mapping: Mapping): unknown {
  switch (mapping.kind) {
    case 'kubernetes':
      return mapping.kind;
    case 'claims': {
      const { username, groups, uid, extra, systemIdentities } = mapping;
      const programs = [username, groups, uid].map((program) => program?.expression ?? '');
      return [programs, extra.map(({ key, program }) => [key, program.expression]), systemIdentities];
    }
    case 'workload':
      return [mapping.profile, mapping.trustDomain, mapping.federated.map(({ trustDomain }) => trustDomain)];
  }
}
