import { mintCorpus } from './corpus.ts';
import { frontTargets } from './front-targets.ts';
import { identityTargets } from './identity-targets.ts';
import { revocationListTarget } from './revocation-list-target.ts';
import { sessionTarget } from './session-target.ts';
import type { Target } from './target.ts';
import { tokenTarget } from './token-target.ts';
import { x509Targets } from './x509-targets.ts';

/** Every target, over a corpus that is minted anew. */
export async function mintTargets(): Promise<readonly Target[]> {
  const corpus = await mintCorpus();
  return [
    ...x509Targets(corpus),
    tokenTarget(corpus),
    await sessionTarget(),
    ...frontTargets(corpus),
    revocationListTarget(),
    ...identityTargets(),
  ];
}
