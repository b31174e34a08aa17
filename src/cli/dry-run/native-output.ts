import type { Stage } from '../../authenticator/decision.ts';
import { toUserJson } from '../../authenticator/decision-json.ts';
import { describeNativeReason } from '../../authenticator/native-reason.ts';
import type { NativeStep } from '../../authenticator/native-verdict.ts';
import { goTime } from '../../x509/go-text.ts';
import { type Palette, toPrintable, toPrintableLines } from '../terminal.ts';
import { describeCertificate } from './certificate-text.ts';
import { describeUser } from './decision-tree.ts';
import { type NativeTrial, outcomeOfNative } from './native.ts';
import { type Inputs, withParts } from './step-parts.ts';
import { describeStep } from './step-text.ts';

type Judged = Extract<NativeTrial, { kind: 'judged' }>;

/** A trial for people to read; names and messages of others cannot fake a line of it. */
export function describeNativeTrial(trial: NativeTrial, palette: Palette): string {
  const [subject = '', ...rest] = describeCertificate(trial.leaf);
  const presented = [
    palette.heading(`Presented: ${toPrintable(trial.source)}`),
    ...[subject, ...rest.map((line) => ` ${line}`)].map((line) => `  ${line}`),
  ];
  if (trial.kind === 'refused') {
    const title = palette.bad('kube-apiserver would refuse it');
    return `${presented.join('\n')}\n\n${title}: ${toPrintable(trial.error)}\n`;
  }
  const sections = [
    presented,
    userSection(trial, palette),
    judgementSection(trial, palette),
    [describeOutcome(trial, palette)],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function userSection({ user, trust, verdict }: Judged, palette: Palette): readonly string[] {
  const doubt =
    'that its authority is in --client-ca-file is taken for granted: give it as --certificate-authority-file';
  return [
    palette.heading(`To kube-apiserver, at ${goTime(verdict.at)}, it is`),
    ...describeUser(user).map((line) => `  ${line}`),
    ...(trust === 'assumed' ? [`  ${palette.doubtful('note:')} ${doubt}`] : []),
  ];
}

function judgementSection({ leaf, user, verdict }: Judged, palette: Palette): readonly string[] {
  const inputs: Inputs = { remoteAddress: undefined, leaf, user };
  const lines = verdict.steps.flatMap((step) => describeNativeStep(step, inputs, palette));
  return [palette.heading('Judged by the policy'), ...lines.map((line) => `  ${line}`)];
}

function describeNativeStep(step: NativeStep, inputs: Inputs, palette: Palette): readonly string[] {
  const stage = toStage(step);
  if (stage !== undefined) return describeStep({ step: { ...step, stage } }, inputs, palette);
  return [`${step.stage}: ${step.result === true ? palette.good('ok') : palette.bad('no')}`];
}

/** Of a stage that an entry has too, where its steps look alike. */
function toStage({ stage }: NativeStep): Stage | undefined {
  switch (stage) {
    case 'revocation':
    case 'certificate':
    case 'user':
      return stage;
    case 'credential':
    case 'inventory':
      return undefined;
  }
}

function describeOutcome(trial: Judged, palette: Palette): string {
  const { verdict } = trial;
  if (verdict.outcome !== 'denied')
    return palette.good('No opinion: the authorizers behind the webhook decide');
  const { reason } = verdict;
  const why = `${reason.code}: ${toPrintable(describeNativeReason(reason))}`;
  if (outcomeOfNative(trial) === 'denied') return `${palette.bad('Denied')}: ${why}`;
  const title = palette.doubtful('Out of reach');
  return `${title}: kube-apiserver asks no webhook about system:masters, and allows it everything; else ${why}`;
}

/** A trial for programs. */
export function formatNativeTrial(trial: NativeTrial): string {
  return `${toPrintableLines(JSON.stringify(toJson(trial), null, 2))}\n`;
}

function toJson(trial: NativeTrial): object {
  if (trial.kind === 'refused') {
    return { outcome: 'refused', fingerprint: trial.leaf.fingerprint, reason: { message: trial.error } };
  }
  const { leaf, user, verdict } = trial;
  const { at, steps } = verdict;
  const inputs: Inputs = { remoteAddress: undefined, leaf, user };
  return {
    at: new Date(at).toISOString(),
    outcome: outcomeOfNative(trial),
    fingerprint: leaf.fingerprint,
    user: toUserJson(user),
    ...(verdict.outcome === 'denied' && {
      reason: { code: verdict.reason.code, message: describeNativeReason(verdict.reason) },
    }),
    steps: steps.map((step) => withParts(step, inputs)),
  };
}
