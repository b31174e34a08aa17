import type { Authenticator, Entry } from '../../authenticator/authenticator.ts';
import type { Decision } from '../../authenticator/decision.ts';
import type { Evidence } from '../../authenticator/evidence.ts';
import { describeWithNames } from '../../authenticator/reason.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import { toPrintable } from '../../server/printable.ts';
import { goTime } from '../../x509/go-text.ts';
import { toTrustBundle } from '../../x509/trust-bundle.ts';
import type { Palette } from '../terminal.ts';
import { canICommand } from './can-i.ts';
import { describeCertificate, formatName, formatText } from './certificate-text.ts';
import { judgedUser } from './judged-user.ts';
import { answerAsKubeApiserver } from './kube-apiserver-answer.ts';
import { describeStep, nameSteps } from './step-text.ts';
import type { RefusedToken } from './trial.ts';

/** What is shown of one decision. */
export interface Shown {
  readonly authenticator: Authenticator;
  readonly evidence: Evidence;
  readonly decision: Decision;
  /** Where the evidence comes from, and what is not real about it. */
  readonly source: string;
  readonly notes: readonly string[];
}

/** A decision as a tree that a person reads from top to bottom; names and messages of others cannot fake a line of it. */
export function describeDecision(shown: Shown, palette: Palette): string {
  const { authenticator, evidence, decision } = shown;
  const user = judgedUser(authenticator, evidence, decision);
  const sections = [
    presentedSection(shown, palette),
    entriesSection(authenticator, decision, palette),
    pathSection(decision, palette),
    judgementSection({ ...shown, user }, palette),
    outcomeSection(decision, user, palette),
    kubeApiserverSection(shown, palette),
    nextSection(decision, palette),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** A token that never came to a decision. */
export function describeRefusedToken(
  { outcome, code, message }: RefusedToken,
  source: string,
  palette: Palette,
): string {
  const title = outcome === 'denied' ? palette.bad('Denied') : palette.doubtful('No opinion');
  return `${palette.heading(`Presented: ${toPrintable(source)}`)}\n\n${title}: ${code}: ${toPrintable(message)}\n`;
}

function indent(lines: readonly string[], by = '  '): readonly string[] {
  return lines.map((line) => by + line);
}

function presentedSection({ evidence, source, notes }: Shown, palette: Palette): readonly string[] {
  const { chain, at, remoteAddress } = evidence;
  const certificates = chain.flatMap((certificate, index) => {
    const [subject = '', ...rest] = describeCertificate(certificate);
    return [`${index}  ${subject}`, ...indent(rest, '   ')];
  });
  const from = remoteAddress === undefined ? 'an address that is not known' : remoteAddress;
  return [
    palette.heading(`Presented: ${toPrintable(source)}`),
    ...indent(certificates),
    `  at ${goTime(at)}, from ${from}`,
    `  ${describePossession(evidence)}`,
    ...notes.map((note) => `  ${palette.doubtful('note:')} ${toPrintable(note)}`),
  ];
}

function describePossession({ possession }: Evidence): string {
  switch (possession.kind) {
    case 'assumed':
      return 'possession of the key is assumed: nobody signed anything';
    case 'signed':
      return `possession of the key is claimed by an ${possession.proof.algorithm} signature`;
    case 'proved':
      return 'possession of the key was proved in a handshake';
  }
}

function entriesSection(
  { entries }: Authenticator,
  { passed, entry: taker }: Decision,
  palette: Palette,
): readonly string[] {
  const width = Math.max(0, ...entries.map(({ id }) => toPrintable(id).length));
  const lines = entries.map((entry) => {
    const reason = passed.find((pass) => pass.entry.index === entry.index)?.reason;
    const name = toPrintable(entry.id).padEnd(width);
    if (reason !== undefined)
      return `${name}  passed over: ${reason.code}: ${toPrintable(describeWithNames(reason))}`;
    return `${name}  ${entry.index === taker?.index ? palette.good('took it') : palette.faint('not asked')}`;
  });
  return [palette.heading('Entries'), ...indent(lines.length === 0 ? ['none is configured'] : lines)];
}

function pathSection({ path }: Decision, palette: Palette): readonly string[] {
  if (path === undefined) return [];
  const last = path.certificates.length - 1;
  const lines = path.certificates.flatMap((certificate, index) => {
    if (index === last) {
      const [subject = '', ...rest] = describeCertificate(certificate);
      return [`${index}  ${subject} (anchor)`, ...indent(rest, '   ')];
    }
    return [`${index}  ${formatName(certificate.subject)}`];
  });
  return [palette.heading('Verified path'), ...indent(lines)];
}

function judgementSection(
  { decision, evidence, user }: Shown & { readonly user: UserInfo | undefined },
  palette: Palette,
): readonly string[] {
  const { entry, steps } = decision;
  if (entry === undefined) return [];
  const inputs = { remoteAddress: evidence.remoteAddress, leaf: evidence.chain[0], user };
  const lines = nameSteps(entry, steps).flatMap((step) => describeStep(step, inputs, palette));
  return [
    palette.heading(`Judged by ${toPrintable(entry.id)} (${describeMapping(entry)})`),
    ...indent(lines),
  ];
}

function describeMapping({ mapping }: Entry): string {
  switch (mapping.kind) {
    case 'kubernetes':
      return "Kubernetes' own mapping";
    case 'claims':
      return 'claimMappings';
    case 'workload':
      return `workload profile ${mapping.profile}`;
  }
}

function outcomeSection(decision: Decision, user: UserInfo | undefined, palette: Palette): readonly string[] {
  if (decision.outcome === 'authenticated') {
    return [palette.good('Authenticated'), ...indent(describeUser(decision.user))];
  }
  const title = decision.outcome === 'denied' ? palette.bad('Denied') : palette.doubtful('No opinion');
  const { reason } = decision;
  return [
    `${title}: ${reason.code}: ${toPrintable(describeWithNames(reason))}`,
    ...(reason.code === 'request/remoteaddr-unknown'
      ? ['  give --remote-addr to see what an address would do']
      : []),
    ...(user === undefined ? [] : ['  the user would have been', ...indent(describeUser(user), '    ')]),
  ];
}

/** A user, a member a line; empty members are left out. */
export function describeUser({ username, uid, groups, extra }: UserInfo): readonly string[] {
  return [
    `username  ${formatText(username)}`,
    ...(uid === '' ? [] : [`uid       ${formatText(uid)}`]),
    ...(groups.length === 0 ? [] : [`groups    ${groups.map(formatText).join(', ')}`]),
    ...[...extra].map(
      ([key, values]) => `extra     ${formatText(key)}: ${values.map(formatText).join(', ')}`,
    ),
  ];
}

/** With the anchors of the entry that decided, or of all of them where none did. */
function kubeApiserverSection(
  { authenticator, evidence, decision }: Shown,
  palette: Palette,
): readonly string[] {
  const { entry } = decision;
  const entries = entry === undefined ? authenticator.entries : [entry];
  if (entries.length === 0) return [];
  const anchors = toTrustBundle([
    ...entries.flatMap((entry) => entry.anchors.anchors),
    // Of a federated trust domain it is none of the entry's own.
    ...(decision.path?.certificates.slice(-1) ?? []),
  ]);
  const whose = entry === undefined ? 'the CAs of every entry' : "this entry's CA";
  const title = palette.heading(`Plain kube-apiserver, with ${whose} in --client-ca-file, would say`);
  const answer = answerAsKubeApiserver(evidence, anchors, authenticator.paths);
  switch (answer.kind) {
    case 'authenticated': {
      const { username, uid, groups } = answer.user;
      return [
        title,
        '  authenticated',
        ...indent(describeUser({ username, uid, groups, extra: new Map() }), '    '),
      ];
    }
    case 'no-opinion':
      return [title, '  no opinion: the certificate has no common name'];
    case 'refused':
      return [title, `  Unauthorized: ${toPrintable(answer.error)}`];
  }
}

function nextSection(decision: Decision, palette: Palette): readonly string[] {
  if (decision.outcome !== 'authenticated') return [];
  return [palette.heading('To see what this user may do'), `  ${canICommand(decision.user)}`];
}
