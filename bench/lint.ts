import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DAY, mintAuthority } from '../test/pki.ts';
import { compare, type Measurement, median } from './measurement.ts';

const PROJECT = fileURLToPath(new URL('../', import.meta.url));

/** A hook before each commit should not be felt: seconds. */
const COLD_LIMIT = 0.5;

const RUNS = 9;

/** A cold run of the built program on one file: loading it, linting an example with its anchors, and ending. */
export async function benchLint(): Promise<Measurement[]> {
  const root = mkdtempSync(join(tmpdir(), 'bench-lint-'));
  try {
    const folder = join(root, 'etc/kubernetes/x509');
    mkdirSync(folder, { recursive: true });
    for (const name of ['admins-ca', 'users-ca']) {
      const { pem } = await mintAuthority(name, {
        notBefore: Date.now() - DAY,
        notAfter: Date.now() + 3650 * DAY,
      });
      writeFileSync(join(folder, `${name}.pem`), pem);
    }
    const args = [
      join(PROJECT, 'dist/cli/main.js'),
      'lint',
      join(PROJECT, 'config/examples/admins.yaml'),
      '--root',
      root,
    ];
    const seconds: number[] = [];
    for (let index = 0; index < RUNS; index += 1) {
      const started = performance.now();
      await promisify(execFile)(process.execPath, args);
      seconds.push((performance.now() - started) / 1000);
    }
    return [compare('lint/cold-run', 's', { value: median(seconds), baseline: COLD_LIMIT })];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
