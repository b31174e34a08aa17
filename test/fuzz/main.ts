/**
 * Feeds mutated certificates, chains, CRLs and tokens to what reads them: `npm run fuzz -- --seconds N [--seed S]`. First come the
 * inputs that were found before. An input that is found is kept among them.
 */
import { parseArgs } from 'node:util';
import { fuzz, judge } from './fuzz.ts';
import { createRandom } from './random.ts';
import { keepFinding, readRegressions } from './regressions.ts';
import { mintTargets } from './targets.ts';

/** A fault that is everywhere is told soon enough. */
const MAX_FINDINGS = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run fuzz -- [--seconds N] [--seed INTEGER]');
  process.exit(2);
}

let unhandled = 0;
process.on('unhandledRejection', (reason) => {
  unhandled += 1;
  console.error(`an unhandled rejection: ${String(reason)}`);
});

const targets = await mintTargets();
let passed = 0;
let failed = 0;
for (const { file, target, input } of readRegressions()) {
  const reader = targets.find(({ name }) => name === target);
  const fault = reader === undefined ? 'there is no such target' : judge(reader, input);
  if (fault !== undefined) console.error(`${file}: ${fault}`);
  if (fault === undefined) passed += 1;
  else failed += 1;
}

const end = performance.now() + seconds * 1000;
const mayGoOn = (): boolean => performance.now() < end;
const report = fuzz(targets, createRandom(seed), { mayGoOn, maxFindings: MAX_FINDINGS });
for (const finding of report.findings) console.error(`${keepFinding(finding)}: ${finding.fault}`);
// A rejection is told when the code that caused it has ended.
await new Promise((resolve) => {
  setImmediate(resolve);
});
passed += report.passed;
failed += report.findings.length + unhandled;
console.log(`seed ${seed}, targets ${targets.map(({ name }) => name).join(', ')}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
