import { authorizationOverloads } from './library/authorization.ts';
import { conversionOverloads } from './library/conversions.ts';
import { listOverloads } from './library/lists.ts';
import { networkOverloads } from './library/network.ts';
import { regexOverloads } from './library/regex.ts';
import { setOverloads } from './library/sets.ts';
import { stringOverloads } from './library/strings.ts';
import { timeOverloads } from './library/time.ts';
import { urlOverloads } from './library/url.ts';
import type { Overload } from './overload.ts';

/** Everything that Kubernetes' libraries add to the language, and the standard functions that are no operators. */
export const libraryOverloads: readonly Overload[] = [
  ...stringOverloads,
  ...regexOverloads,
  ...conversionOverloads,
  ...timeOverloads,
  ...listOverloads,
  ...setOverloads,
  ...networkOverloads,
  ...urlOverloads,
  ...authorizationOverloads,
];
