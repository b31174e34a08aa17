import { compileExpression, type Program } from '../cel/compile.ts';
import { environments } from '../cel/environment.ts';
import type { CertificateMappings, WorkloadConfig, X509Entry } from '../config/types.ts';
import { isProfileName } from '../identity/profile.ts';
import type { TrustBundle } from '../x509/trust-bundle.ts';
import type { ClaimMappings, Mapping, WorkloadMapping } from './authenticator.ts';
import type { CompiledExpression } from './compile-rule.ts';
import { toExpressionError } from './jwt-checks.ts';
import type { PlacedMapping } from './x509-checks.ts';

/** The static types, in cel-go's words, whose values can be what a mapping is asked for; of others none ever is. */
const POSSIBLE_TYPES: Readonly<Record<PlacedMapping['gives'], readonly string[]>> = {
  string: ['string', 'dyn'],
  strings: ['string', 'list(string)', 'null_type', 'list(dyn)', 'dyn'],
};

const WRONG_TYPE: Readonly<Record<PlacedMapping['gives'], string>> = {
  string: 'must evaluate to string',
  strings: 'must evaluate to one of [string list(string)]',
};

/** Compiles an expression of a mapping, and refuses one that could never give what is asked for. */
export function compileMapping({ path, expression, gives }: PlacedMapping): CompiledExpression {
  const result = compileExpression(expression, environments.cert, 'any');
  if (!result.ok) {
    return { ok: false, error: toExpressionError(path, expression, result) };
  }
  if (POSSIBLE_TYPES[gives].includes(result.program.resultType)) return result;
  const failure = { error: WRONG_TYPE[gives], issues: [] };
  return { ok: false, error: toExpressionError(path, expression, failure) };
}

/** The parts that a mapping is made of, by the path of their field. */
export interface MappingParts {
  readonly programAt: (path: string) => Program;
  readonly anchorsAt: (path: string) => TrustBundle;
}

/** The mapping of a valid entry. */
export function toMapping(path: string, entry: X509Entry, parts: MappingParts): Mapping {
  const { claimMappings, workload } = entry;
  if (claimMappings !== undefined)
    return toClaimMappings(`${path}.claimMappings`, claimMappings, { entry, parts });
  if (workload !== undefined) return toWorkloadMapping(`${path}.workload`, workload, parts);
  return { kind: 'kubernetes' };
}

function toClaimMappings(
  path: string,
  { groups, uid, extra }: CertificateMappings,
  { entry, parts }: { readonly entry: X509Entry; readonly parts: MappingParts },
): ClaimMappings {
  const { programAt } = parts;
  const optional = (field: string, expression: string): Program | undefined =>
    expression === '' ? undefined : programAt(`${path}.${field}.expression`);
  return {
    kind: 'claims',
    username: programAt(`${path}.username.expression`),
    groups: optional('groups', groups.expression),
    uid: optional('uid', uid.expression),
    extra: extra.map(({ key }, index) => ({
      key,
      program: programAt(`${path}.extra[${index}].valueExpression`),
    })),
    systemIdentities: entry.allowSystemIdentities ? 'allowed' : 'refused',
  };
}

function toWorkloadMapping(
  path: string,
  workload: WorkloadConfig,
  { anchorsAt }: MappingParts,
): WorkloadMapping {
  const { profile, trustDomain, federatedTrustDomains } = workload;
  if (!isProfileName(profile)) throw new Error(`${path}.profile was not validated`);
  const federated = federatedTrustDomains.map(({ name }, index) => ({
    trustDomain: name,
    anchors: anchorsAt(`${path}.federatedTrustDomains[${index}]`),
  }));
  return { kind: 'workload', profile, trustDomain, federated };
}
