import { absentFile } from './absent-files.ts';
import { addressAsText } from './address-text.ts';
import type { Advice } from './advice.ts';
import { anchorExpired, anchorExpiresSoon, anchorNotAuthority, anchorWeak } from './anchor-health.ts';
import { apiserverClientAuthority, apiserverProxyAuthority } from './apiserver-anchors.ts';
import { ruleAlwaysTrue, ruleNeverTrue, ruleRepeated } from './constant-rules.ts';
import { entryCrossSigned, entryUnreachable } from './reachability.ts';
import { revocationExpired, revocationMissing, revocationStale } from './revocation-health.ts';
import { ruleCost } from './rule-cost.ts';
import { ruleCanFail } from './rule-failures.ts';
import { ruleNoMessage } from './rule-messages.ts';
import { sharedName } from './shared-names.ts';
import { systemMasters, systemName } from './system-identities.ts';
import { targetApiVersion, targetField, targetFunction, targetGate, targetX509 } from './target.ts';
import { wellKnownAudience } from './well-known-audience.ts';

/** Everything that is looked for in a configuration that compiles. */
export const ALL_ADVICE: readonly Advice[] = [
  absentFile,
  targetX509,
  targetApiVersion,
  targetField,
  targetGate,
  targetFunction,
  apiserverClientAuthority,
  apiserverProxyAuthority,
  systemMasters,
  systemName,
  entryUnreachable,
  entryCrossSigned,
  sharedName,
  anchorExpired,
  anchorExpiresSoon,
  anchorWeak,
  anchorNotAuthority,
  ruleCanFail,
  addressAsText,
  ruleAlwaysTrue,
  ruleNeverTrue,
  ruleRepeated,
  ruleNoMessage,
  ruleCost,
  revocationStale,
  revocationExpired,
  revocationMissing,
  wellKnownAudience,
];
