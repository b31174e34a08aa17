import { toPrintable, toPrintableLines } from '../../server/printable.ts';
import { goTime } from '../../x509/go-text.ts';
import { formatText } from '../dry-run/certificate-text.ts';
import { formatTable } from '../table.ts';
import type { Palette } from '../terminal.ts';
import type { Fate, JudgedIdentity } from './judge-identity.ts';
import type { LogContents } from './read-log.ts';

/** What was read of a log, and what the policy would have made of who is in it. */
export interface Replay extends Omit<LogContents, 'identities'> {
  readonly judged: readonly JudgedIdentity[];
  /** By what it was judged. */
  readonly policy: 'authentication' | 'native';
}

/** What could not be judged of an identity whose certificate is not at hand. */
const UNJOINED: Readonly<Record<Replay['policy'], string>> = {
  authentication:
    'judged by user and address alone, without the certificate: no path, no revocation, no certificate rules',
  native:
    'judged by fingerprint and user alone, since the inventory has no such certificate: no serial numbers, no CRLs, no certificate rules',
};

/** For people: a row for each identity whose fate is not the same, and a summary. */
export function formatTextReplay(replay: Replay, palette: Palette): string {
  const { judged, others, malformed, overflow, policy } = replay;
  const rows = judged.filter(({ fate }) => fate.kind !== 'same').map(toCells);
  const [heading, ...table] =
    rows.length === 0
      ? []
      : formatTable(['USER', 'CERTIFICATE', 'FROM', 'REQUESTS', 'LAST SEEN', 'WOULD BE', 'WHY'], rows);
  const counts = countBy(judged.map(({ fate }) => fate.kind));
  const unjoined = judged.filter(({ basis }) => basis === 'user').length;
  return `${[
    ...(heading === undefined ? [] : [palette.heading(heading), ...table]),
    `${judged.length} certificate identities: ${counts}`,
    ...(unjoined === 0 ? [] : [`* ${unjoined} ${UNJOINED[policy]}`]),
    `${others} other lines, ${malformed} malformed`,
    ...(overflow === 0 ? [] : [`${overflow} events of more identities than are kept were not judged`]),
  ].join('\n')}\n`;
}

function toCells({ identity, basis, fate }: JudgedIdentity): readonly string[] {
  const { user, fingerprint, remoteAddress, requests, lastSeen } = identity;
  return [
    formatText(user.username),
    `${fingerprint.slice(0, 12) || '-'}${basis === 'user' ? '*' : ''}`,
    remoteAddress ?? '-',
    String(requests),
    goTime(lastSeen),
    fate.kind,
    toPrintable(describeFate(fate)),
  ];
}

function describeFate(fate: Fate): string {
  switch (fate.kind) {
    case 'same':
      return '';
    case 'changed':
      return `${formatText(fate.user.username)}, groups ${fate.user.groups.map(formatText).join(', ') || 'none'}`;
    case 'denied':
    case 'no-opinion':
    case 'unknown':
    case 'out-of-reach':
      return fate.why;
  }
}

function countBy(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return (
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ') || 'none'
  );
}

/** For programs: every identity. */
export function formatJsonReplay({ judged, others, malformed, overflow }: Replay): string {
  const identities = judged.map(({ identity, basis, fate }) => {
    const { user, fingerprint, remoteAddress, requests, lastSeen } = identity;
    const { username, uid, groups } = user;
    return {
      user: { username, ...(uid !== '' && { uid }), groups },
      credentialId: `X509SHA256=${fingerprint}`,
      ...(remoteAddress !== undefined && { remoteAddress }),
      requests,
      lastSeen: new Date(lastSeen).toISOString(),
      basis,
      fate: fate.kind,
      ...('why' in fate && { why: fate.why }),
      ...(fate.kind === 'changed' && { wouldBe: { username: fate.user.username, groups: fate.user.groups } }),
    };
  });
  return `${toPrintableLines(JSON.stringify({ identities, others, malformed, overflow }, null, 2))}\n`;
}
