import { type ExaminedExpression, examine } from '../../cel/analysis/examined-expression.ts';
import type { Environment } from '../../cel/environment.ts';
import { environments } from '../../cel/environment.ts';
import { childrenOf, type Expr } from '../../cel/syntax/expr.ts';
import type { ClaimMappings, Config, JwtAuthenticator } from '../../config/types.ts';
import type { Advice, Finding } from './advice.ts';
import {
  ANONYMOUS,
  API_VERSIONS,
  EGRESS_SELECTOR_TYPE,
  laterLibraryOf,
  SECOND_VARIABLE,
} from './kubernetes-history.ts';
import { isBefore, type KubernetesVersion } from './kubernetes-version.ts';
import { placeOf, type Subject } from './subject.ts';

type Find = (config: Config, target: KubernetesVersion) => readonly Finding[];

function forTarget(find: Find): Advice['find'] {
  return ({ config, surroundings: { targets } }: Subject) =>
    targets.flatMap((target) => find(config, target));
}

/** `--target-kubernetes`: no version knows `x509`. */
export const targetX509: Advice = {
  id: 'target/x509',
  severity: 'info',
  title: 'the file has x509, which kube-apiserver does not know',
  explanation:
    'No kube-apiserver up to and including 1.37 knows the field x509: it decodes the file strictly, so with x509 in it the process does not start, and a reload is refused as a whole. This file is for kube-x509-authn; `kube-x509-authn compile` writes the file that kube-apiserver gets, which is this one without x509.',
  find: forTarget(({ x509 }, target) => {
    const message = `Kubernetes ${target} refuses the file: strict decoding error: unknown field "x509"; give it the authentication-config.yaml that compile writes`;
    return x509.length === 0 ? [] : [{ path: 'x509', message }];
  }),
};

/** `--target-kubernetes`: the file's `apiVersion` came later. */
export const targetApiVersion: Advice = {
  id: 'target/api-version',
  severity: 'error',
  title: 'the target does not know the apiVersion',
  explanation:
    'The version of the file is one that the targeted kube-apiserver does not serve yet, so it would not start with the file. v1alpha1 and v1beta1 have been there since before 1.30, v1 since 1.34; their fields are the same, so that an older version can be written instead.',
  find: forTarget(({ apiVersion }, target) => {
    const since = API_VERSIONS[apiVersion];
    if (since === undefined || !isBefore(target, since)) return [];
    const message = `Kubernetes ${target} does not know ${apiVersion}, which came with ${since}; write apiserver.config.k8s.io/v1beta1`;
    return [{ path: 'apiVersion', message }];
  }),
};

/** `--target-kubernetes`: fields that came later. */
export const targetField: Advice = {
  id: 'target/field',
  severity: 'error',
  title: 'the target does not know a field',
  explanation:
    'The field came to kube-apiserver after the targeted version. It decodes the file strictly: with a field that it does not know the process does not start, and a reload is refused as a whole. Leave the field out, or target a later version.',
  find: forTarget(({ anonymous, jwt }, target) => {
    const unknown = (path: string, since: KubernetesVersion): readonly Finding[] =>
      isBefore(target, since)
        ? [
            {
              path,
              message: `${path}: Kubernetes ${target} does not know this field, which came with ${since}`,
            },
          ]
        : [];
    return [
      ...(anonymous === undefined ? [] : unknown('anonymous', ANONYMOUS.since)),
      ...jwt.flatMap(({ issuer }, index) =>
        issuer.egressSelectorType === ''
          ? []
          : unknown(`jwt[${index}].issuer.${EGRESS_SELECTOR_TYPE.name}`, EGRESS_SELECTOR_TYPE.since),
      ),
    ];
  }),
};

/** `--target-kubernetes`: fields behind a gate that is off. */
export const targetGate: Advice = {
  id: 'target/feature-gate',
  severity: 'warning',
  title: 'the target takes a field only with a feature gate',
  explanation:
    'The targeted kube-apiserver knows the field, but refuses it unless a feature gate is turned on that is off by default in this version. Turn the gate on with --feature-gates, leave the field out, or target a later version.',
  find: forTarget(({ anonymous }, target) => {
    const { gate, since, name } = ANONYMOUS;
    const isGated = gate !== undefined && !isBefore(target, since) && isBefore(target, gate.onSince);
    if (anonymous === undefined || !isGated) return [];
    const message = `${name}: Kubernetes ${target} refuses this field unless --feature-gates=${gate.name}=true; the gate is on since ${gate.onSince}`;
    return [{ path: name, message }];
  }),
};

/** `--target-kubernetes`: CEL functions that came later. */
export const targetFunction: Advice = {
  id: 'target/function',
  severity: 'error',
  title: 'the target has no such CEL function',
  explanation:
    'An expression calls a function, or uses a macro, of a CEL library that came to kube-apiserver after the targeted version. There it does not compile, so the process does not start with the file. Expressions of x509 are not looked at: they are evaluated by kube-x509-authn, and never by kube-apiserver.',
  find: forTarget(({ jwt }, target) =>
    jwt.flatMap((entry, index) =>
      expressionsOf(`jwt[${index}]`, entry).flatMap((field) => findLaterFunctions(field, target)),
    ),
  ),
};

interface ExpressionField {
  readonly path: string;
  readonly expression: string;
  readonly environment: Environment;
}

function expressionsOf(path: string, entry: JwtAuthenticator): readonly ExpressionField[] {
  const { claims, user } = environments;
  const { claimValidationRules, claimMappings, userValidationRules } = entry;
  const fields = [
    ...claimValidationRules.map(({ expression }, index) => {
      return { path: `claimValidationRules[${index}].expression`, expression, environment: claims };
    }),
    ...mappingsOf(claimMappings),
    ...userValidationRules.map(({ expression }, index) => {
      return { path: `userValidationRules[${index}].expression`, expression, environment: user };
    }),
  ];
  return fields
    .filter(({ expression }) => expression !== '')
    .map((field) => ({ ...field, path: `${path}.${field.path}` }));
}

function mappingsOf({ username, groups, uid, extra }: ClaimMappings): readonly ExpressionField[] {
  const environment = environments.claims;
  return [
    ...Object.entries({ username, groups, uid }).map(([field, { expression }]) => {
      return { path: `claimMappings.${field}.expression`, expression, environment };
    }),
    ...extra.map(({ valueExpression: expression }, index) => {
      return { path: `claimMappings.extra[${index}].valueExpression`, expression, environment };
    }),
  ];
}

function findLaterFunctions(
  { path, expression, environment }: ExpressionField,
  target: KubernetesVersion,
): readonly Finding[] {
  const examined = examine(expression, environment);
  if (examined === undefined) return [];
  const findings = new Map<string, Finding>();
  for (const expr of partsOf(examined.root)) {
    const later = laterPart(examined, expr, target);
    if (later === undefined) continue;
    const text = examined.spans.textOf(expr);
    const message = `${path}: Kubernetes ${target} has no ${later.what}: ${later.name} came with ${later.since}`;
    findings.set(text, { path, message, place: placeOf(expression, examined.spans.spanOf(expr)) });
  }
  return [...findings.values()];
}

function partsOf(root: Expr): readonly Expr[] {
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    for (const child of childrenOf(expr)) visit(child);
  };
  visit(root);
  return [...seen];
}

/** What a part needs that the target lacks. A call of an unknown type is fine where one of its overloads is there. */
function laterPart(
  { checked }: ExaminedExpression,
  expr: Expr,
  target: KubernetesVersion,
): { readonly what: string; readonly name: string; readonly since: KubernetesVersion } | undefined {
  if (expr.kind === 'comprehension') {
    const isLater = expr.secondVariable !== undefined && isBefore(target, SECOND_VARIABLE.since);
    return isLater ? { what: 'comprehension of two variables', ...SECOND_VARIABLE } : undefined;
  }
  if (expr.kind !== 'call') return undefined;
  const reference = checked.calls.get(expr);
  const libraries = (reference?.overloads ?? []).map(({ id }) => laterLibraryOf(id));
  const [first] = libraries;
  if (reference === undefined || first === undefined) return undefined;
  const isMissing = libraries.every((library) => library !== undefined && isBefore(target, library.since));
  const what = reference.name.startsWith('@') ? 'sortBy' : `${reference.name}()`;
  return isMissing ? { what, ...first } : undefined;
}
