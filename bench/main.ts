/** Prints one JSON object: every figure beside its limit in the same run. `npm run bench -- NAME…` runs some of them. */
import { benchAuthorize } from './authorize.ts';
import { benchCel } from './cel.ts';
import { benchDecide } from './decide.ts';
import { benchDryRun } from './dry-run.ts';
import { benchExchange } from './exchange.ts';
import { benchLint } from './lint.ts';
import { benchFloods } from './floods.ts';
import type { Measurement } from './measurement.ts';
import { benchRevocation } from './revocation.ts';
import { benchServe } from './serve.ts';
import { benchX509 } from './x509.ts';

const BENCHES: Readonly<Record<string, () => readonly Measurement[] | Promise<readonly Measurement[]>>> = {
  cel: benchCel,
  x509: benchX509,
  revocation: benchRevocation,
  decide: benchDecide,
  serve: benchServe,
  floods: benchFloods,
  'dry-run': benchDryRun,
  authorize: benchAuthorize,
  lint: benchLint,
  exchange: benchExchange,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(' ')}; there are ${Object.keys(BENCHES).join(' ')}`);
  process.exit(2);
}
const result: Record<string, Omit<Measurement, 'name'>> = {};
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const { name: figure, ...rest } of await bench()) result[figure] = rest;
}
console.log(JSON.stringify(result, null, 2));
