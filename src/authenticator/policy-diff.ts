import { examine } from '../cel/analysis/examined-expression.ts';
import { formulaOf } from '../cel/analysis/to-formula.ts';
import { relationOf } from '../cel/analysis/truth.ts';
import { environments } from '../cel/environment.ts';
import {
  type CompiledAnchor,
  type CompiledEntry,
  type CompiledPolicy,
  type CompiledRule,
  sortKeys,
} from './compiled-policy.ts';

/** How a policy differs from another in meaning, one sentence each; nothing where the texts alone differ. */
export function diffPolicies(before: CompiledPolicy, after: CompiledPolicy): readonly string[] {
  const pairs = pairEntries(before.entries, after.entries);
  const removed = before.entries.filter((entry) => !pairs.some(([old]) => old === entry));
  return [
    ...removed.map((entry) => `${describe(entry)} was removed`),
    ...pairs.flatMap(([old, entry]) =>
      old === undefined ? [`${describe(entry)} was added`] : diffEntries(old, entry),
    ),
    ...diffOrder(pairs),
  ];
}

type Pair = readonly [before: CompiledEntry | undefined, after: CompiledEntry];

/** Entries of one issuer name are the same entry; of several, those that have an anchor in common. */
function pairEntries(before: readonly CompiledEntry[], after: readonly CompiledEntry[]): readonly Pair[] {
  const left = new Set(before);
  return after.map((entry) => {
    const namesakes = [...left].filter(({ issuerName }) => issuerName === entry.issuerName);
    const keys = new Set(entry.anchors.map(({ spkiSHA256 }) => spkiSHA256));
    const old =
      namesakes.find(({ anchors }) => anchors.some(({ spkiSHA256 }) => keys.has(spkiSHA256))) ?? namesakes[0];
    if (old !== undefined) left.delete(old);
    return [old, entry];
  });
}

/** Entries are tried in order, so that another order is another meaning. */
function diffOrder(pairs: readonly Pair[]): readonly string[] {
  const kept = pairs.flatMap(([old, entry]) => (old === undefined ? [] : [{ old, entry }]));
  const positions = kept.map(({ old }) => indexOf(old));
  const isSorted = positions.every((position, at) => at === 0 || position > (positions[at - 1] ?? -1));
  return isSorted
    ? []
    : [`the order of entries is now ${kept.map(({ entry }) => describe(entry)).join(', ')}`];
}

function indexOf({ id }: CompiledEntry): number {
  return Number(/\[(\d+)\]/.exec(id)?.[1] ?? 0);
}

function describe({ id }: CompiledEntry): string {
  return id;
}

function diffEntries(old: CompiledEntry, entry: CompiledEntry): readonly string[] {
  const changes = [
    ...diffAnchors(old.anchors, entry.anchors),
    ...diffValue('whose the anchors are', old.anchorsOf, entry.anchorsOf),
    ...diffRules(old.rules, entry.rules),
    ...diffValue('the mapping', old.mapping, entry.mapping),
    ...diffValue('the workload profile', old.workload, entry.workload),
    ...diffValue('evaluationFailurePolicy', old.evaluationFailurePolicy, entry.evaluationFailurePolicy),
    ...diffValue('revocation', old.revocation, entry.revocation),
    ...diffValue('sessions', old.sessions, entry.sessions),
  ];
  return changes.map((change) => `${describe(entry)}: ${change}`);
}

function diffAnchors(old: readonly CompiledAnchor[], anchors: readonly CompiledAnchor[]): readonly string[] {
  const find = (list: readonly CompiledAnchor[], key: string): CompiledAnchor | undefined =>
    list.find(({ spkiSHA256 }) => spkiSHA256 === key);
  const added = anchors.filter(({ spkiSHA256 }) => find(old, spkiSHA256) === undefined);
  const removed = old.filter(({ spkiSHA256 }) => find(anchors, spkiSHA256) === undefined);
  const renewed = anchors.filter(({ spkiSHA256, notAfter }) => {
    const same = find(old, spkiSHA256);
    return same !== undefined && same.notAfter !== notAfter;
  });
  return [
    ...added.map((anchor) => `the anchor ${nameOf(anchor)} was added`),
    ...removed.map((anchor) => `the anchor ${nameOf(anchor)} was removed`),
    ...renewed.map((anchor) => `the anchor ${nameOf(anchor)} is now valid until ${anchor.notAfter}`),
  ];
}

const COMMON_NAME = '2.5.4.3';

function nameOf({ subject, spkiSHA256 }: CompiledAnchor): string {
  const name = subject.findLast(({ type }) => type === COMMON_NAME)?.value ?? '';
  return `${JSON.stringify(name)} (key SHA-256 ${spkiSHA256.slice(0, 16)}…)`;
}

function diffRules(old: readonly CompiledRule[], rules: readonly CompiledRule[]): readonly string[] {
  const left = new Set(old);
  const changes: string[] = [];
  for (const rule of rules) {
    const same = [...left].find((candidate) => saysTheSame(candidate, rule));
    if (same === undefined) changes.push(`the ${rule.kind} rule ${rule.expression} was added`);
    else {
      left.delete(same);
      if (same.message !== rule.message) {
        changes.push(`the ${rule.kind} rule ${rule.expression} now says ${JSON.stringify(rule.message)}`);
      }
    }
  }
  return [...[...left].map((rule) => `the ${rule.kind} rule ${rule.expression} was removed`), ...changes];
}

const ENVIRONMENTS = {
  request: environments.request,
  certificate: environments.cert,
  user: environments.user,
};

function saysTheSame(one: CompiledRule, other: CompiledRule): boolean {
  if (one.kind !== other.kind) return false;
  if (one.expression === other.expression) return true;
  const environment = ENVIRONMENTS[one.kind];
  const [a, b] = [examine(one.expression, environment), examine(other.expression, environment)];
  if (a === undefined || b === undefined) return false;
  return a.keyOf(a.root) === b.keyOf(b.root) || relationOf(formulaOf(a), formulaOf(b)) === 'same';
}

function diffValue(what: string, old: unknown, value: unknown): readonly string[] {
  const [a, b] = [JSON.stringify(sortKeys(old)), JSON.stringify(sortKeys(value))];
  return a === b ? [] : [`${what} was ${a ?? 'not set'} and is ${b ?? 'not set'}`];
}
