import type {
  AnchorsSource,
  Anonymous,
  CertificateExpression,
  CertificateMappings,
  ClaimMappings,
  ClaimOrExpression,
  Config,
  ExtraMapping,
  JwtAuthenticator,
  JwtIssuer,
  PrefixedClaimOrExpression,
  Revocation,
  RevocationFile,
  ValidationRule,
  WorkloadConfig,
  X509Entry,
} from './types.ts';
import { child, flag, list, optionalText, text } from './node-fields.ts';
import type { ValueNode } from './value-node.ts';

/** The configuration that a value with the right shape stands for: what is unset has its default from here on. */
export function toConfig(root: ValueNode): Omit<Config, 'source'> {
  const anonymous = child(root, 'anonymous');
  return {
    apiVersion: text(root, 'apiVersion'),
    jwt: list(root, 'jwt', toJwtAuthenticator),
    ...(anonymous === undefined ? {} : { anonymous: toAnonymous(anonymous) }),
    x509: list(root, 'x509', toX509Entry),
  };
}

function toX509Entry(node: ValueNode): X509Entry {
  const issuer = child(node, 'issuer');
  const claimMappings = child(node, 'claimMappings');
  const workload = child(node, 'workload');
  return {
    issuer: { name: text(issuer, 'name'), ...toAnchorsSource(issuer) },
    requestValidationRules: list(node, 'requestValidationRules', toRule),
    certificateValidationRules: list(node, 'certificateValidationRules', toRule),
    ...(claimMappings === undefined ? {} : { claimMappings: toCertificateMappings(claimMappings) }),
    ...(workload === undefined ? {} : { workload: toWorkload(workload) }),
    allowSystemIdentities: flag(node, 'allowSystemIdentities'),
    userValidationRules: list(node, 'userValidationRules', toRule),
    revocation: toRevocation(child(node, 'revocation')),
    evaluationFailurePolicy: text(node, 'evaluationFailurePolicy') || 'Open',
    session: { native: flag(child(node, 'session'), 'native') },
  };
}

function toAnchorsSource(node: ValueNode | undefined): AnchorsSource {
  return {
    certificateAuthority: text(node, 'certificateAuthority'),
    certificateAuthorityFile: text(node, 'certificateAuthorityFile'),
  };
}

function toCertificateMappings(node: ValueNode): CertificateMappings {
  const toExpression = (name: string): CertificateExpression => ({
    expression: text(child(node, name), 'expression'),
  });
  return {
    username: toExpression('username'),
    groups: toExpression('groups'),
    uid: toExpression('uid'),
    extra: list(node, 'extra', toExtraMapping),
  };
}

function toExtraMapping(node: ValueNode): ExtraMapping {
  return { key: text(node, 'key'), valueExpression: text(node, 'valueExpression') };
}

function toWorkload(node: ValueNode): WorkloadConfig {
  return {
    profile: text(node, 'profile'),
    trustDomain: text(node, 'trustDomain'),
    federatedTrustDomains: list(node, 'federatedTrustDomains', (domain) => ({
      name: text(domain, 'name'),
      ...toAnchorsSource(domain),
    })),
  };
}

/** What is unset in a `revocation`, or it all, has its default. */
export function toRevocation(node: ValueNode | undefined): Revocation {
  return { files: list(node, 'files', toRevocationFile), onStale: text(node, 'onStale') || 'Deny' };
}

/** A file alone may be given by its name. */
function toRevocationFile(node: ValueNode): RevocationFile {
  if (node.kind === 'string') return { file: node.value, issuerFile: '' };
  return { file: text(node, 'file'), issuerFile: text(node, 'issuerFile') };
}

/** A rule's expression and message. */
export function toRule(node: ValueNode): ValidationRule {
  return { expression: text(node, 'expression'), message: text(node, 'message') };
}

function toJwtAuthenticator(node: ValueNode): JwtAuthenticator {
  return {
    issuer: toJwtIssuer(child(node, 'issuer')),
    claimValidationRules: list(node, 'claimValidationRules', (rule) => ({
      ...toRule(rule),
      claim: text(rule, 'claim'),
      requiredValue: text(rule, 'requiredValue'),
    })),
    claimMappings: toClaimMappings(child(node, 'claimMappings')),
    userValidationRules: list(node, 'userValidationRules', toRule),
  };
}

function toJwtIssuer(node: ValueNode | undefined): JwtIssuer {
  return {
    url: text(node, 'url'),
    discoveryURL: text(node, 'discoveryURL'),
    certificateAuthority: text(node, 'certificateAuthority'),
    audiences: list(node, 'audiences', (item) => (item.kind === 'string' ? item.value : '')),
    audienceMatchPolicy: text(node, 'audienceMatchPolicy'),
    egressSelectorType: text(node, 'egressSelectorType'),
  };
}

function toClaimMappings(node: ValueNode | undefined): ClaimMappings {
  return {
    username: toPrefixed(child(node, 'username')),
    groups: toPrefixed(child(node, 'groups')),
    uid: toClaimOrExpression(child(node, 'uid')),
    extra: list(node, 'extra', toExtraMapping),
  };
}

function toPrefixed(node: ValueNode | undefined): PrefixedClaimOrExpression {
  return { ...toClaimOrExpression(node), prefix: optionalText(node, 'prefix') };
}

function toClaimOrExpression(node: ValueNode | undefined): ClaimOrExpression {
  return { claim: text(node, 'claim'), expression: text(node, 'expression') };
}

function toAnonymous(node: ValueNode): Anonymous {
  return {
    enabled: flag(node, 'enabled'),
    conditions: list(node, 'conditions', (item) => ({ path: text(item, 'path') })),
  };
}
