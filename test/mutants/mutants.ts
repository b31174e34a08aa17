import { frontMutants } from './fronts.ts';
import { identityMutants } from './identity.ts';
import type { Mutant } from './mutant.ts';
import { nameMutants } from './names.ts';
import { parsingMutants } from './parsing.ts';
import { pathMutants } from './paths.ts';
import { revocationMutants } from './revocation.ts';

/** Every fault that is planted. */
export const mutants: readonly Mutant[] = [
  ...parsingMutants,
  ...pathMutants,
  ...nameMutants,
  ...revocationMutants,
  ...identityMutants,
  ...frontMutants,
];
