import { flagsOf, openWorkplace, type Serving, startServe, type Workplace } from '../test/cli/serving.ts';
import { type Flood, mintCostliestClient, prepareFloods } from '../test/soak/floods.ts';
import { mintHolder, mintReviews } from '../test/soak/soak.ts';
import { type Load, runLoad } from './load.ts';
import { compare, type Measurement, median } from './measurement.ts';

const HOLDERS = 50;
const TOKENS = 3000;
const ROUNDS = 3;

interface Scene {
  readonly place: Workplace;
  readonly server: Serving;
  readonly good: readonly string[];
}

/** What floods, and where: by default tokens at `/authenticate`. */
type Flooding = Pick<Load, 'bodies'> & Partial<Pick<Load, 'port' | 'path' | 'client'>>;

/**
 * What 8 connections with good tokens keep of their rate beside 8 that flood bad ones, kind by kind; the baseline is their rate beside 8
 * more with good ones. Strangers' costliest chains flood `/exchange`, too.
 */
export async function benchFloods(): Promise<Measurement[]> {
  const place = await openWorkplace();
  const exchange = ['--exchange-bind-address', '127.0.0.1:0', '--cert-dir', place.path('made')];
  const server = await startServe([...flagsOf(place), ...exchange]);
  try {
    const holders = await Promise.all(
      Array.from({ length: HOLDERS }, (_, index) => mintHolder(place, index)),
    );
    const scene = { place, server, good: mintReviews(holders, TOKENS) };
    const measurements: Measurement[] = [];
    for (const flood of await prepareFloods(place.alice))
      measurements.push(await measure(scene, flood.name, () => ({ bodies: mintFlood(flood) })));
    const client = await mintCostliestClient();
    const chains = { port: exchangePortOf(server), path: '/exchange', client, bodies: [''] };
    measurements.push(await measure(scene, 'the costliest chains exchanged', () => chains));
    return measurements;
  } finally {
    server.process.kill('SIGKILL');
    place.remove();
  }
}

async function measure(scene: Scene, title: string, flood: () => Flooding): Promise<Measurement> {
  const rates = { flooded: [] as number[], calm: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.calm.push(await rateBeside(scene, { bodies: scene.good }));
    rates.flooded.push(await rateBeside(scene, flood()));
  }
  const name = `floods/${title.replaceAll(/[^a-z]+/g, '-')}`;
  return compare(name, 'requests/s', { value: median(rates.flooded), baseline: median(rates.calm) });
}

function exchangePortOf({ entries }: Serving): number {
  const exchange = entries.find(({ msg }) => msg === 'serving')?.['exchange'];
  return (exchange as { readonly port: number }).port;
}

function mintFlood(flood: Flood): readonly string[] {
  return Array.from(
    { length: 2000 },
    () => `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":"${flood.mint()}"}}`,
  );
}

/** The rate of 8 connections with good tokens while 8 others flood as fast as they are answered. */
async function rateBeside({ place, server, good }: Scene, flood: Flooding): Promise<number> {
  const load = { port: server.port, ca: place.serving.pem, connections: 8, classify };
  let isOver = false;
  const beside = runLoad({ ...load, ...flood, requests: Number.POSITIVE_INFINITY, isOver: () => isOver });
  const { perSecond, answers } = await runLoad({ ...load, bodies: good, requests: TOKENS });
  isOver = true;
  await beside;
  if (answers.get('authenticated') !== TOKENS) throw new Error('not all good tokens were authenticated');
  return perSecond;
}

function classify(body: string): string {
  return body.includes('"authenticated":true') ? 'authenticated' : 'refused';
}
