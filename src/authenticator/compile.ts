import type { Program } from '../cel/compile.ts';
import type { Issue } from '../config/issue.ts';
import type { Config, ValidationRule, X509Entry } from '../config/types.ts';
import { createPathVerifier } from '../x509/path-verifier.ts';
import { type Anchors, findSharedIssuers, type ReadFile, readAnchors, readServerAnchors } from './anchors.ts';
import type { Authenticator, Entry, Rule } from './authenticator.ts';
import { type FieldError, toIssue } from './field-error.ts';
import { compileMapping, toMapping } from './compile-mapping.ts';
import { compileRule } from './compile-rule.ts';
import { findIdleFields } from './idle-fields.ts';
import { createJwtChecks } from './jwt-checks.ts';
import { readsRemoteAddress } from './rules.ts';
import { findTrustDomainConflicts, type TrustDomainAnchors } from './trust-domain-anchors.ts';
import { validateKubernetesFields } from './validate-jwt.ts';
import { validateX509 } from './validate-x509.ts';

/** What a configuration is compiled with, beside itself. */
export interface CompileInputs {
  readonly readFile: ReadFile;
  /** The anchors of entries without their own. */
  readonly certificateAuthorityFile?: string;
  /** Issuer URLs that no `jwt` entry may have: the cluster's own service-account issuers. */
  readonly disallowedIssuers?: readonly string[];
}

export type Compiled =
  | { readonly kind: 'compiled'; readonly authenticator: Authenticator; readonly warnings: readonly Issue[] }
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] };

/** Compiles a configuration into what decides, or reports every error there is: the linter and the server call this alike. */
export function compile(config: Config, inputs: CompileInputs): Compiled {
  const { disallowedIssuers = [] } = inputs;
  const kubernetes = validateKubernetesFields(config, createJwtChecks(disallowedIssuers));
  const { errors, parts } = compileEntries(config.x509, inputs);
  const all = [...kubernetes, ...errors];
  if (all.length > 0) return { kind: 'invalid', issues: all.map((error) => toIssue(error, config.source)) };
  const entries = config.x509.map((entry, index) => toEntry(index, entry, parts));
  const authenticator = Object.freeze({ entries: Object.freeze(entries), paths: createPathVerifier() });
  const warnings = [...findUnsuppliable(config, entries), ...findIdleFields(config)];
  return { kind: 'compiled', authenticator, warnings };
}

/** The parts of entries that compiling makes: programs and anchors, by the path of their rule or field. */
interface Parts {
  readonly programs: ReadonlyMap<string, Program>;
  readonly anchors: ReadonlyMap<string, Anchors>;
}

function compileEntries(
  entries: readonly X509Entry[],
  { readFile, certificateAuthorityFile }: CompileInputs,
): { readonly errors: readonly FieldError[]; readonly parts: Parts } {
  const programs = new Map<string, Program>();
  const anchors = new Map<string, Anchors>();
  const sources = { readFile, server: readServerAnchors(certificateAuthorityFile, readFile) };
  const errors = validateX509(entries, {
    compileRule(rule): FieldError | undefined {
      const result = compileRule(rule);
      if (!result.ok) return result.error;
      programs.set(rule.path, result.program);
      return undefined;
    },
    compileMapping(mapping): FieldError | undefined {
      const result = compileMapping(mapping);
      if (!result.ok) return result.error;
      programs.set(mapping.path, result.program);
      return undefined;
    },
    readAnchors(path, source): FieldError | undefined {
      const result = readAnchors(path, source, sources);
      if (!result.ok) return result.error;
      anchors.set(path, result.anchors);
      return undefined;
    },
  });
  const conflicts = [
    ...findSharedIssuers(entries, anchors),
    ...findTrustDomainConflicts(trustDomainsOf(entries, anchors)),
  ];
  return { errors: [...errors, ...conflicts], parts: { programs, anchors } };
}

/** The trust domains of all entries whose anchors could be read. */
function trustDomainsOf(
  entries: readonly X509Entry[],
  anchors: ReadonlyMap<string, Anchors>,
): readonly TrustDomainAnchors[] {
  return entries.flatMap(({ workload }, entry) => {
    if (workload === undefined) return [];
    const path = `x509[${entry}].workload`;
    const own = { name: `${path}.trustDomain`, anchors: `x509[${entry}].issuer` };
    const domains = [
      { ...own, trustDomain: workload.trustDomain },
      ...workload.federatedTrustDomains.map(({ name }, index) => {
        const anchors = `${path}.federatedTrustDomains[${index}]`;
        return { name: `${anchors}.name`, anchors, trustDomain: name };
      }),
    ];
    return domains.flatMap((domain) => {
      const bundle = anchors.get(domain.anchors)?.bundle;
      if (bundle === undefined || domain.trustDomain === '') return [];
      return [{ entry, path: domain.name, trustDomain: domain.trustDomain, bundle }];
    });
  });
}

function toEntry(index: number, entry: X509Entry, { programs, anchors }: Parts): Entry {
  const path = `x509[${index}]`;
  const programAt = (path: string): Program => partAt(path, programs);
  const anchorsAt = (path: string): Anchors => partAt(path, anchors);
  const own = anchorsAt(`${path}.issuer`);
  const toRules = (list: string, rules: readonly ValidationRule[]): readonly Rule[] =>
    rules.map(({ expression, message }, index) =>
      Object.freeze({ expression, message, program: programAt(`${path}.${list}[${index}]`) }),
    );
  return Object.freeze({
    index,
    id: `${path}/${entry.issuer.name}`,
    issuerName: entry.issuer.name,
    anchors: own.bundle,
    anchorsOf: own.anchorsOf,
    requestRules: toRules('requestValidationRules', entry.requestValidationRules),
    mapping: toMapping(path, entry, { programAt, anchorsAt: (path) => anchorsAt(path).bundle }),
    certificateRules: toRules('certificateValidationRules', entry.certificateValidationRules),
    userRules: toRules('userValidationRules', entry.userValidationRules),
    evaluationFailurePolicy: entry.evaluationFailurePolicy === 'Closed' ? 'Closed' : 'Open',
  });
}

function partAt<T>(path: string, parts: ReadonlyMap<string, T>): T {
  const part = parts.get(path);
  if (part === undefined) throw new Error(`${path} was not compiled`);
  return part;
}

/** Rules that a TokenReview, which carries no client address, can only deny. */
function findUnsuppliable(config: Config, entries: readonly Entry[]): readonly Issue[] {
  return entries.flatMap(({ index, id, requestRules }) =>
    requestRules.flatMap(({ program }, rule) => {
      if (!readsRemoteAddress(program)) return [];
      const path = `x509[${index}].requestValidationRules[${rule}].expression`;
      const message = `${path}: reads request.remoteaddr, which a TokenReview does not carry: through the webhook ${id} denies everybody`;
      return [
        {
          id: 'remoteaddr-unknown',
          path,
          severity: 'warning' as const,
          message,
          ...config.source.locate(path),
        },
      ];
    }),
  );
}
