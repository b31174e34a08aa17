import type { Stage } from '../../authenticator/decision.ts';
import type { NativeStep } from '../../authenticator/native-verdict.ts';
import { toPrintable, toPrintableLines } from '../../server/printable.ts';
import { goTime } from '../../x509/go-text.ts';
import type { Palette } from '../terminal.ts';
import { describeCertificate } from './certificate-text.ts';
import { describeUser } from './decision-tree.ts';
import type { NativeDryRun } from './native.ts';
import { isMaster, type NativeTrial, outcomeOfNative, reasonOfNative, toNativeJson } from './native-trial.ts';
import { type Inputs, withParts } from './step-parts.ts';
import { describeStep } from './step-text.ts';

const DOUBTS: Readonly<Record<NativeDryRun['trust'], readonly string[]>> = {
  checked: [],
  assumed: [
    'that its authority is in --client-ca-file is taken for granted: give it as --certificate-authority-file',
  ],
  'stand-in': ['nobody issued this certificate: a throw-away CA stands in for one of --client-ca-file'],
};

type Judged = Extract<NativeTrial, { kind: 'judged' }>;

/** A trial for people to read; names and messages of others cannot fake a line of it. */
export function describeNativeDryRun(dryRun: NativeDryRun, palette: Palette): string {
  const { source, leaf, trust, trial } = dryRun;
  const [subject = '', ...rest] = describeCertificate(leaf);
  const presented = [
    palette.heading(`Presented: ${toPrintable(source)}`),
    ...[subject, ...rest.map((line) => ` ${line}`)].map((line) => `  ${line}`),
  ];
  if (trial.kind === 'refused') {
    const title = palette.bad('kube-apiserver would refuse it');
    return `${presented.join('\n')}\n\n${title}: ${toPrintable(trial.error)}\n`;
  }
  const sections = [
    presented,
    userSection(trial, trust, palette),
    judgementSection(trial, toInputs(dryRun), palette),
    [describeOutcome(trial, palette)],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function toInputs({ leaf, trial }: NativeDryRun): Inputs {
  return { remoteAddress: undefined, leaf, user: trial.kind === 'judged' ? trial.user : undefined };
}

function userSection(
  { user, verdict }: Judged,
  trust: NativeDryRun['trust'],
  palette: Palette,
): readonly string[] {
  return [
    palette.heading(`To kube-apiserver, at ${goTime(verdict.at)}, it is`),
    ...describeUser(user).map((line) => `  ${line}`),
    ...DOUBTS[trust].map((doubt) => `  ${palette.doubtful('note:')} ${doubt}`),
  ];
}

function judgementSection({ verdict }: Judged, inputs: Inputs, palette: Palette): readonly string[] {
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
  const reason = reasonOfNative(trial);
  if (reason === undefined) {
    const next = isMaster(trial.user)
      ? 'kube-apiserver asks no webhook about system:masters, and allows it everything'
      : 'the authorizers behind the webhook decide';
    return palette.good(`No opinion: ${next}`);
  }
  const why = `${reason.code}: ${toPrintable(reason.message)}`;
  if (outcomeOfNative(trial) === 'denied') return `${palette.bad('Denied')}: ${why}`;
  const title = palette.doubtful('Out of reach');
  return `${title}: kube-apiserver asks no webhook about system:masters, and allows it everything; else ${why}`;
}

/** A trial for programs. */
export function formatNativeDryRun(dryRun: NativeDryRun): string {
  const inputs = toInputs(dryRun);
  const json = toNativeJson(dryRun.trial, dryRun.leaf.fingerprint, (step) => withParts(step, inputs));
  return `${toPrintableLines(JSON.stringify(json, null, 2))}\n`;
}
