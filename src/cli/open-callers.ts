import { readFileSync } from 'node:fs';
import { fetchIssuerKeys } from '../kube/issuer-keys.ts';
import { anyCaller, type CallerCheck, everyCaller } from '../server/caller.ts';
import { type CallerAuthorities, callerAuthoritiesSource } from '../server/caller-authorities-source.ts';
import { createCertificateCheck } from '../server/caller-certificate.ts';
import type { CallerKeys } from '../server/caller-keys.ts';
import type { FileSource } from '../server/file-source.ts';
import type { Log } from '../server/log.ts';
import type { Reloadable } from '../server/reloadable.ts';
import type { CallerPolicy, TokenPolicy } from './caller-flags.ts';

/** Opens a source and follows its files for as long as the process lives. */
export type OpenSource = <T>(source: FileSource<T>, apply?: (value: T) => void) => Reloadable<T>;

/** How callers are judged. */
export interface Callers {
  /** Absent: nobody is checked. */
  readonly check?: CallerCheck;
  /** Present: callers are asked for a certificate. */
  readonly authorities?: Reloadable<CallerAuthorities>;
}

/** What callers' checks need besides their policy. */
export interface CallerOpening {
  readonly open: OpenSource;
  readonly log: Log;
  /** Where callers come in. */
  readonly host: string;
  /** Puts the authorities that callers are told of to use. */
  readonly applyAuthorities: (authorities: CallerAuthorities) => void;
}

/** Opens what a policy names: the authorities' file, and the keys of tokens. Keys that cannot be fetched yet fail no start. */
export async function openCallers(policy: CallerPolicy, opening: CallerOpening): Promise<Callers> {
  const checks: CallerCheck[] = [];
  let authorities: Reloadable<CallerAuthorities> | undefined;
  if (policy.certificates !== undefined) {
    const { caFile, allowedNames } = policy.certificates;
    const opened = opening.open(callerAuthoritiesSource(caFile), opening.applyAuthorities);
    checks.push(createCertificateCheck({ anchors: () => opened.current.bundle, allowedNames }));
    authorities = opened;
  }
  if (policy.tokens !== undefined) checks.push(await openTokenCheck(policy.tokens, opening));
  const [first, ...others] = checks;
  if (first === undefined) {
    const { host } = opening;
    opening.log.warn('callers are not checked: whoever reaches the port can ask whose a token is', { host });
    return {};
  }
  const several = policy.require === 'all' ? everyCaller(checks) : anyCaller(checks);
  return { check: others.length === 0 ? first : several, ...(authorities && { authorities }) };
}

async function openTokenCheck(policy: TokenPolicy, opening: CallerOpening): Promise<CallerCheck> {
  // Loaded here because it takes time that only servers with token callers need spend.
  const { createTokenCheck } = await import('../server/caller-token.ts');
  const { issuer, audience, subjects } = policy;
  return createTokenCheck({ issuer, audience, subjects, keys: await openKeys(policy, opening) });
}

async function openKeys({ issuer, keys }: TokenPolicy, { open, log }: CallerOpening): Promise<CallerKeys> {
  const { callerKeysSource, IssuerKeys } = await import('../server/caller-keys.ts');
  if (keys.from === 'file') {
    const file = open(callerKeysSource(keys.path));
    return { find: (header, token) => file.current(header, token), edition: () => file.current };
  }
  const { caFile, bearerFile } = keys;
  const readIdentity = () => ({
    ...(caFile !== undefined && { authorities: readFileSync(caFile, 'utf8') }),
    ...(bearerFile !== undefined && { bearer: readFileSync(bearerFile, 'utf8').trim() }),
  });
  return new IssuerKeys({
    fetchKeys: async () => {
      try {
        return await fetchIssuerKeys(issuer, readIdentity());
      } catch (error) {
        return { ok: false, error: error instanceof Error ? error.message : String(error) };
      }
    },
    ticks: () => performance.now(),
    onFailure: (error) => log.warn("the caller tokens' keys could not be fetched", { issuer, error }),
  });
}
