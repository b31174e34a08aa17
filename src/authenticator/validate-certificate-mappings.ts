import type { CertificateMappings, ExtraMapping } from '../config/types.ts';
import { duplicate, type FieldError, invalid, required, tooMany } from './field-error.ts';
import { validateExpression } from './validate-expression.ts';
import { validateExtraKey } from './validate-extra-key.ts';
import type { PlacedMapping, X509Checks } from './x509-checks.ts';

/** Each is evaluated for every certificate. */
const MAX_EXTRA = 64;

/** Ours, as kubernetes.io and k8s.io are Kubernetes'. */
const RESERVED_DOMAIN = 'kube-x509-authn.dev';

type CompileMapping = X509Checks['compileMapping'];

/** An `x509` entry's claim mappings, in the words that kube-apiserver has for those of a `jwt` entry. */
export function validateCertificateMappings(
  path: string,
  mappings: CertificateMappings,
  compile: CompileMapping,
): readonly FieldError[] {
  const { username, groups, uid, extra } = mappings;
  const compileField = (field: string, expression: string, gives: PlacedMapping['gives']): FieldError[] =>
    toList(compileMapping({ path: `${path}.${field}.expression`, expression, gives }, compile));
  return [
    ...(username.expression === ''
      ? [required(`${path}.username`, 'expression is required')]
      : compileField('username', username.expression, 'string')),
    ...(groups.expression === '' ? [] : compileField('groups', groups.expression, 'strings')),
    ...(uid.expression === '' ? [] : compileField('uid', uid.expression, 'string')),
    ...validateExtra(`${path}.extra`, extra, compile),
  ];
}

function validateExtra(
  path: string,
  mappings: readonly ExtraMapping[],
  compile: CompileMapping,
): readonly FieldError[] {
  if (mappings.length > MAX_EXTRA) return [tooMany(path, mappings.length, MAX_EXTRA)];
  const seen = new Set<string>();
  return mappings.flatMap(({ key, valueExpression }, index) => {
    const itemPath = `${path}[${index}]`;
    const errors = [
      ...validateExtraKey(`${itemPath}.key`, key),
      ...validateOwnDomain(`${itemPath}.key`, key),
    ];
    if (seen.has(key)) return [...errors, duplicate(`${itemPath}.key`, key)];
    seen.add(key);
    const mapping = {
      path: `${itemPath}.valueExpression`,
      expression: valueExpression,
      gives: 'strings',
    } as const;
    return [...errors, ...toList(compileMapping(mapping, compile))];
  });
}

function validateOwnDomain(path: string, key: string): readonly FieldError[] {
  const [domain = ''] = key.split('/', 1);
  if (domain !== RESERVED_DOMAIN && !domain.endsWith(`.${RESERVED_DOMAIN}`)) return [];
  return [invalid(path, key, `${RESERVED_DOMAIN} and its subdomains are reserved for kube-x509-authn's use`)];
}

function compileMapping(mapping: PlacedMapping, compile: CompileMapping): FieldError | undefined {
  return validateExpression(mapping.path, mapping.expression) ?? compile(mapping);
}

function toList(error: FieldError | undefined): FieldError[] {
  return error === undefined ? [] : [error];
}
