import { stringOverloads } from './library/strings.ts';
import type { Overload } from './overload.ts';

/** Everything that Kubernetes' libraries add to the language. */
export const libraryOverloads: readonly Overload[] = [...stringOverloads];
