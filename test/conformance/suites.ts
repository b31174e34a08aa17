import { cel } from './cel.ts';
import type { Suite } from './suite.ts';

/** Every suite, by the name that `npm run conformance -- SUITE` takes. */
export const suites: readonly Suite[] = [cel];
