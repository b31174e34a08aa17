/** `npm run soak -- [--requests N] [--reloads N] [--connections N]`: prints what was seen; 1 where something was dropped or memory grows. */
import { parseArgs } from 'node:util';
import { type SoakResult, soak } from './soak.ts';

/** Resident memory may be 150 MB in the end, and grow by so much of itself from the first third to the last. */
const MEMORY = { limitMiB: 143, growth: 0.1 };

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    reloads: { type: 'string', default: '1000' },
    connections: { type: 'string', default: '16' },
  },
});
const result = await soak({
  requests: Number(values.requests),
  reloads: Number(values.reloads),
  connections: Number(values.connections),
  onProgress: (line) => console.error(line),
});
const faults = findFaults(result);
console.log(JSON.stringify({ ...result, faults }, null, 2));
process.exitCode = faults.length > 0 ? 1 : 0;

function findFaults({ requests, answers, resident }: SoakResult): readonly string[] {
  const faults: string[] = [];
  if (answers['authenticated'] !== requests) faults.push('not every request was answered with its user');
  const third = Math.floor(resident.length / 3);
  if (third > 0) {
    const [early, late] = [Math.max(...resident.slice(0, third)), Math.max(...resident.slice(-third))];
    if (late > early * (1 + MEMORY.growth))
      faults.push(`memory grows: ${early} MiB in the first third, ${late} MiB in the last`);
  }
  if ((resident.at(-1) ?? 0) > MEMORY.limitMiB)
    faults.push(`more than ${MEMORY.limitMiB} MiB are resident in the end`);
  return faults;
}
