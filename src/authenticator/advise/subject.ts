import { type ExaminedExpression, examine } from '../../cel/analysis/examined-expression.ts';
import type { TextSpan } from '../../cel/analysis/expression-spans.ts';
import type { Formula } from '../../cel/analysis/formula.ts';
import type { TextConstants } from '../../cel/analysis/text-constants.ts';
import { formulaOf } from '../../cel/analysis/to-formula.ts';
import { type Environment, environments } from '../../cel/environment.ts';
import { Source } from '../../cel/syntax/source.ts';
import { codePointCount } from '../../cel/value.ts';
import type { Config } from '../../config/types.ts';
import type { TrustBundle } from '../../x509/trust-bundle.ts';
import type { ReadFile } from '../anchors.ts';
import type { Authenticator, Entry, Rule } from '../authenticator.ts';
import type { RuleKind } from '../reason.ts';
import type { Place } from './advice.ts';
import { entryTexts } from './entry-texts.ts';
import type { KubernetesVersion } from './kubernetes-version.ts';

/** A bundle of kube-apiserver's, and the file that it was read from. */
export interface ApiserverBundle {
  readonly file: string;
  readonly bundle: TrustBundle;
}

/** What is known beside the configuration. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly readFile: ReadFile;
  /** The audiences that the server is to be given. */
  readonly audiences: readonly string[];
  /** The file of the anchors of entries without their own. */
  readonly certificateAuthorityFile?: string;
  readonly revocationFiles: readonly string[];
  /** kube-apiserver's `--client-ca-file`. */
  readonly clientAuthorities?: ApiserverBundle;
  /** kube-apiserver's `--requestheader-client-ca-file`. */
  readonly proxyAuthorities?: ApiserverBundle;
  /** The releases of Kubernetes that are to load the file. */
  readonly targets: readonly KubernetesVersion[];
}

/** A rule of an entry with its place and its parts. */
export interface ExaminedRule {
  readonly entry: Entry;
  readonly kind: RuleKind;
  readonly index: number;
  /** `x509[0].userValidationRules[1]` */
  readonly path: string;
  readonly rule: Rule;
  readonly environment: Environment;
  readonly examined: ExaminedExpression;
  /** The expression as a condition. */
  readonly condition: Formula;
}

/** A configuration that compiles, and all that advice is found from. */
export interface Subject {
  readonly config: Config;
  readonly authenticator: Authenticator;
  readonly surroundings: Surroundings;
  /** The rules of all entries, in the order in which an entry judges by them. */
  readonly rules: readonly ExaminedRule[];
  /** What the expressions of each entry compare with. */
  readonly texts: ReadonlyMap<Entry, TextConstants>;
}

const ENVIRONMENTS: Readonly<Record<RuleKind, Environment>> = {
  request: environments.request,
  certificate: environments.cert,
  user: environments.user,
};

/** Examines what was compiled. */
export function toSubject(config: Config, authenticator: Authenticator, surroundings: Surroundings): Subject {
  const rules = authenticator.entries.flatMap((entry) => [
    ...examineRules(entry, 'request', entry.requestRules),
    ...examineRules(entry, 'certificate', entry.certificateRules),
    ...examineRules(entry, 'user', entry.userRules),
  ]);
  const texts = new Map(authenticator.entries.map((entry) => [entry, entryTexts(entry)]));
  return { config, authenticator, surroundings, rules, texts };
}

function examineRules(entry: Entry, kind: RuleKind, rules: readonly Rule[]): readonly ExaminedRule[] {
  return rules.flatMap((rule, index) => {
    const environment = ENVIRONMENTS[kind];
    const examined = examine(rule.expression, environment);
    const path = `x509[${entry.index}].${kind}ValidationRules[${index}]`;
    if (examined === undefined) return [];
    return [{ entry, kind, index, path, rule, environment, examined, condition: formulaOf(examined) }];
  });
}

/** A stretch of an expression as a place in the field that holds it. */
export function placeOf(text: string, { start, end }: TextSpan): Place {
  return { ...new Source(text).location(start), length: codePointCount(text.slice(start, end)) };
}
