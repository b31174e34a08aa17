import { loadConfig } from '../../config/decode.ts';
import type { Issue } from '../../config/issue.ts';
import type { ConfigSource } from '../../config/types.ts';
import { compile } from '../compile.ts';
import type { Advice, Finding } from './advice.ts';
import { ALL_ADVICE } from './all-advice.ts';
import { FINDING_KINDS } from './finding-kinds.ts';
import { type Surroundings, toSubject } from './subject.ts';
import { readSuppressions, type Suppression } from './suppressions.ts';

/** What a text is linted with. */
export interface LintInputs extends Surroundings {
  readonly disallowedIssuers: readonly string[];
}

/** A finding that a comment accepts, and why. */
export interface SuppressedIssue {
  readonly issue: Issue;
  readonly reason: string;
}

/** Everything that was found in a text, in the order of its places. */
export interface LintResult {
  readonly issues: readonly Issue[];
  readonly suppressed: readonly SuppressedIssue[];
}

/**
 * Lints the text of an AuthenticationConfiguration: what kube-apiserver and the server would refuse, all of it at once, and where
 * there is nothing of that, what they would better not be given. Files that are not there are passed over.
 */
export function lintText(text: string, inputs: LintInputs): LintResult {
  const loaded = loadConfig(text);
  if (loaded.kind === 'invalid') return { issues: loaded.issues, suppressed: [] };
  const { config } = loaded;
  const compiled = compile(config, { ...inputs, absentFiles: 'unknown' });
  if (compiled.kind === 'invalid') {
    return {
      issues: sortByPlace([...loaded.warnings, ...compiled.issues.map(renameRevocation)]),
      suppressed: [],
    };
  }
  const subject = toSubject(config, compiled.authenticator, inputs);
  const advice = ALL_ADVICE.flatMap((one) =>
    one.find(subject).map((found) => toIssue(one, found, config.source)),
  );
  return applySuppressions([...loaded.warnings, ...compiled.warnings, ...advice], config.source);
}

const REVOCATION_FILE = /(?:^|\.)revocation\.files\[\d+\]\.\w+$|^--revocation-file/;

/** What is wrong with a revocation file is not wrong with its name. */
export function renameRevocation(issue: Issue): Issue {
  const isOfFile = issue.id === 'field/invalid' && REVOCATION_FILE.test(issue.path);
  return isOfFile ? { ...issue, id: 'revocation/malformed' } : issue;
}

function toIssue({ id, severity }: Advice, { path, message, place }: Finding, source: ConfigSource): Issue {
  const span = place === undefined ? source.locate(path) : source.locateWithin(path, place);
  return { id, path, severity, message, ...span };
}

function sortByPlace(issues: readonly Issue[]): readonly Issue[] {
  return [...issues].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Takes out of what was found what comments accept, and adds what is wrong with the comments. */
export function applySuppressions(found: readonly Issue[], source: ConfigSource): LintResult {
  const { suppressions, bad } = readSuppressions(source, new Set(FINDING_KINDS.keys()));
  const used = new Set<Suppression>();
  const issues: Issue[] = bad.map(({ problem, ...place }) =>
    commentIssue('suppression/malformed', problem, place),
  );
  const suppressed: SuppressedIssue[] = [];
  for (const issue of found) {
    const lines = source.linesOf(issue.path);
    const match = suppressions.find(({ ids, target }) => ids.includes(issue.id) && lines.includes(target));
    if (match === undefined) issues.push(issue);
    else {
      used.add(match);
      suppressed.push({ issue, reason: match.reason });
    }
  }
  for (const suppression of suppressions) {
    if (used.has(suppression)) continue;
    const message = `nothing is found here that is ${suppression.ids.join(' or ')}`;
    issues.push(commentIssue('suppression/unused', message, suppression));
  }
  return { issues: sortByPlace(issues), suppressed };
}

function commentIssue(
  id: string,
  message: string,
  { line, column, length }: { readonly line: number; readonly column: number; readonly length: number },
): Issue {
  return {
    id,
    path: '',
    severity: 'warning',
    message,
    line,
    column,
    endLine: line,
    endColumn: column + length,
  };
}
