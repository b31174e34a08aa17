import { authorizationOverloads } from './library/authorization.ts';
import { conversionOverloads } from './library/conversions.ts';
import { formatOverloads } from './library/format.ts';
import { listOverloads } from './library/lists.ts';
import { networkOverloads } from './library/network.ts';
import { quantityOverloads } from './library/quantity.ts';
import { regexOverloads } from './library/regex.ts';
import { semverOverloads } from './library/semver.ts';
import { setOverloads } from './library/sets.ts';
import { stringOverloads } from './library/strings.ts';
import { timeOverloads } from './library/time.ts';
import { urlOverloads } from './library/url.ts';
import type { Overload } from './overload.ts';

/** Everything that Kubernetes' libraries add to the language, and the standard functions that are no operators. */
export const libraryOverloads: readonly Overload[] = [
  ...conversionOverloads,
  ...timeOverloads,
  ...stringOverloads,
  ...regexOverloads,
  ...listOverloads,
  ...setOverloads,
  ...networkOverloads,
  ...urlOverloads,
  ...quantityOverloads,
  ...semverOverloads,
  ...formatOverloads,
  ...authorizationOverloads,
];
