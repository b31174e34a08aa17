import type { UserInfo } from '../../identity/user-info.ts';
import { outcomeOf, reasonOf, type Verdict } from './trial.ts';
import { formatText } from './certificate-text.ts';

/** What another policy changes for one certificate. */
export type Change =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'locked-out';
      readonly before: UserInfo;
      readonly reason: { code: string; message: string };
    }
  | { readonly kind: 'let-in'; readonly after: UserInfo }
  | { readonly kind: 'changed'; readonly before: UserInfo; readonly after: UserInfo };

/** Compares what two policies make of the same evidence. Why somebody is refused is no change, as long as they are. */
export function compareVerdicts(before: Verdict, after: Verdict): Change {
  const [old, now] = [userOf(before), userOf(after)];
  if (old === undefined && now === undefined) return { kind: 'same' };
  if (old === undefined) return now === undefined ? { kind: 'same' } : { kind: 'let-in', after: now };
  if (now === undefined) {
    const reason = reasonOf(after) ?? { code: outcomeOf(after), message: '' };
    return { kind: 'locked-out', before: old, reason };
  }
  return areSame(old, now) ? { kind: 'same' } : { kind: 'changed', before: old, after: now };
}

function userOf(verdict: Verdict): UserInfo | undefined {
  if (verdict.kind === 'refused' || verdict.decision.outcome !== 'authenticated') return undefined;
  return verdict.decision.user;
}

function areSame(a: UserInfo, b: UserInfo): boolean {
  return (
    a.username === b.username &&
    a.uid === b.uid &&
    haveSame(a.groups, b.groups) &&
    haveSame(toPairs(a), toPairs(b))
  );
}

function toPairs({ extra }: UserInfo): readonly string[] {
  return [...extra].map((pair) => JSON.stringify(pair));
}

function toValues({ extra }: UserInfo): readonly string[] {
  return [...extra].flatMap(([key, values]) => values.map((value) => JSON.stringify([key, value])));
}

/** To kube-apiserver's authorizers, groups are a set. */
function haveSame(a: readonly string[], b: readonly string[]): boolean {
  return difference(a, b).length === 0 && difference(b, a).length === 0;
}

function difference(a: readonly string[], b: readonly string[]): readonly string[] {
  const known = new Set(b);
  return a.filter((value) => !known.has(value));
}

/** What a pipeline may refuse: somebody can no longer log in; somebody can do more, or is somebody else. */
export type Concern = 'lockout' | 'widened';

/** Whether a change is of this concern. Another name, another uid, and a group or extra value gained count as widened. */
export function isOfConcern(change: Change, concern: Concern): boolean {
  switch (change.kind) {
    case 'same':
      return false;
    case 'locked-out':
      return concern === 'lockout';
    case 'let-in':
      return concern === 'widened';
    case 'changed':
      return concern === 'widened' && isWidened(change.before, change.after);
  }
}

function isWidened(before: UserInfo, after: UserInfo): boolean {
  const isAnother = before.username !== after.username || before.uid !== after.uid;
  const gained = [
    ...difference(after.groups, before.groups),
    ...difference(toValues(after), toValues(before)),
  ];
  return isAnother || gained.length > 0;
}

/** A change in words. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'same':
      return 'the same';
    case 'locked-out':
      return `was ${formatText(change.before.username)}; ${change.reason.code}: ${change.reason.message}`;
    case 'let-in':
      return `is now ${describeName(change.after)}`;
    case 'changed':
      return describeDifference(change.before, change.after);
  }
}

function describeName({ username, groups }: UserInfo): string {
  return groups.length === 0
    ? formatText(username)
    : `${formatText(username)}, groups ${groups.map(formatText).join(', ')}`;
}

function describeDifference(before: UserInfo, after: UserInfo): string {
  const gained = difference(after.groups, before.groups).map((group) => `+${formatText(group)}`);
  const lost = difference(before.groups, after.groups).map((group) => `-${formatText(group)}`);
  const parts = [
    ...(before.username === after.username
      ? [formatText(after.username)]
      : [`${formatText(before.username)} is now ${formatText(after.username)}`]),
    ...(before.uid === after.uid ? [] : [`uid ${formatText(before.uid)} is now ${formatText(after.uid)}`]),
    ...(gained.length + lost.length === 0 ? [] : [`groups ${[...gained, ...lost].join(' ')}`]),
    ...(haveSame(toPairs(before), toPairs(after)) ? [] : ['another extra']),
  ];
  return parts.join('; ');
}
