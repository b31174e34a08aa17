import { authnConfig } from './authn-config.ts';
import { cel } from './cel.ts';
import { goDirected, goFuzz } from './go-cases.ts';
import { limbo } from './limbo.ts';
import type { Suite } from './suite.ts';
import { x509User } from './x509-user.ts';

/** Every suite, by the name that `npm run conformance -- SUITE` takes. */
export const suites: readonly Suite[] = [authnConfig, cel, x509User, limbo, goDirected, goFuzz];
