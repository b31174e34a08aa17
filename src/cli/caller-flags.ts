import { type Command, Option } from 'commander';
import { isSharedAudience } from '../authenticator/shared-audience.ts';
import { Failure } from './failure.ts';

/** The flags of `serve` about who may call `/authenticate`, as they were given. */
export interface CallerFlags {
  readonly callerCaFile?: string;
  readonly callerAllowedNames?: string;
  readonly callerTokenIssuer?: string;
  readonly callerTokenAudience?: string;
  readonly callerTokenSubjects?: string;
  readonly callerTokenJwksFile?: string;
  readonly callerTokenIssuerCaFile?: string;
  readonly callerTokenIssuerBearerFile?: string;
  readonly callerRequire: 'any' | 'all';
  readonly allowUnauthenticatedCallers?: boolean;
}

/** Who may call: by certificate, by token, by either or only with both, or whoever reaches the port. */
export interface CallerPolicy {
  readonly certificates?: { readonly caFile: string; readonly allowedNames: ReadonlySet<string> };
  readonly tokens?: TokenPolicy;
  readonly require: 'any' | 'all';
}

export interface TokenPolicy {
  readonly issuer: string;
  readonly audience: string;
  readonly subjects: ReadonlySet<string>;
  readonly keys:
    | { readonly from: 'file'; readonly path: string }
    | { readonly from: 'discovery'; readonly caFile?: string; readonly bearerFile?: string };
}

export function addCallerFlags(command: Command): Command {
  return command
    .option(
      '--caller-ca-file <file>',
      'authorities of the client certificates that may call, PEM; not those of users',
    )
    .option('--caller-allowed-names <names>', 'their common names, DNS or URI names, with commas')
    .option(
      '--caller-token-issuer <url>',
      "issuer of the service-account tokens that may call: kube-apiserver's --service-account-issuer",
    )
    .option(
      '--caller-token-audience <name>',
      'the audience that those tokens are bound to; not the one of --audience',
    )
    .option(
      '--caller-token-subjects <names>',
      'whose they are, system:serviceaccount:NAMESPACE:NAME, with commas',
    )
    .option(
      '--caller-token-jwks-file <file>',
      'the keys that they are signed with (default: those that the issuer publishes)',
    )
    .option('--caller-token-issuer-ca-file <file>', "authorities of the issuer's serving certificate, PEM")
    .option(
      '--caller-token-issuer-bearer-file <file>',
      'a token to fetch the keys with, where the issuer wants one',
    )
    .addOption(
      new Option('--caller-require <which>', 'whether a certificate or a token is enough, or it takes both')
        .choices(['any', 'all'])
        .default('any'),
    )
    .option('--allow-unauthenticated-callers', 'serve whoever reaches the port, also beyond loopback');
}

/**
 * The policy that flags ask for.
 *
 * @throws Failure for flags that do not go together, and where nobody is checked though others than this host reach the port.
 */
export function parseCallerPolicy(flags: CallerFlags, bindAddress: string): CallerPolicy {
  const certificates = parseCertificates(flags);
  const tokens = parseTokens(flags);
  if (flags.callerRequire === 'all' && (certificates === undefined || tokens === undefined)) {
    throw new Failure('--caller-require=all needs both --caller-ca-file and --caller-token-issuer');
  }
  const isChecked = certificates !== undefined || tokens !== undefined;
  if (!isChecked && !isLoopback(bindAddress) && flags.allowUnauthenticatedCallers !== true) {
    throw new Failure(
      `--bind-address: on ${bindAddress} others than this host can ask who a token is for: give --caller-ca-file with --caller-allowed-names, ` +
        'or --caller-token-issuer; or --allow-unauthenticated-callers, if something else keeps them out',
    );
  }
  return { require: flags.callerRequire, ...(certificates && { certificates }), ...(tokens && { tokens }) };
}

function parseCertificates({
  callerCaFile: caFile,
  callerAllowedNames: names,
}: CallerFlags): CallerPolicy['certificates'] {
  if (caFile === undefined && names === undefined) return undefined;
  if (caFile === undefined || names === undefined)
    throw new Failure('--caller-ca-file and --caller-allowed-names go together');
  return { caFile, allowedNames: parseNames('--caller-allowed-names', names) };
}

function parseTokens(flags: CallerFlags): TokenPolicy | undefined {
  const {
    callerTokenIssuer: issuer,
    callerTokenAudience: audience,
    callerTokenSubjects: subjects,
    ...others
  } = flags;
  const {
    callerTokenJwksFile: jwksFile,
    callerTokenIssuerCaFile: caFile,
    callerTokenIssuerBearerFile: bearerFile,
  } = others;
  const given = [issuer, audience, subjects, jwksFile, caFile, bearerFile];
  if (given.every((flag) => flag === undefined)) return undefined;
  if (issuer === undefined || audience === undefined || subjects === undefined) {
    throw new Failure(
      '--caller-token-issuer, --caller-token-audience and --caller-token-subjects go together',
    );
  }
  checkCallerAudience('--caller-token-audience', audience);
  const names = parseNames('--caller-token-subjects', subjects);
  if (jwksFile !== undefined) {
    if (caFile !== undefined || bearerFile !== undefined)
      throw new Failure('--caller-token-jwks-file: with it nothing is fetched from the issuer');
    return { issuer, audience, subjects: names, keys: { from: 'file', path: jwksFile } };
  }
  if (!URL.canParse(issuer) || !issuer.startsWith('https://')) {
    throw new Failure(
      `--caller-token-issuer: ${JSON.stringify(issuer)} is not an https URL, where its keys could be found: give --caller-token-jwks-file`,
    );
  }
  const keys = {
    from: 'discovery',
    ...(caFile !== undefined && { caFile }),
    ...(bearerFile !== undefined && { bearerFile }),
  } as const;
  return { issuer, audience, subjects: names, keys };
}

/**
 * The audience of callers' tokens.
 *
 * @throws Failure naming the flag, for an empty one and for those of kube-apiserver itself.
 */
export function checkCallerAudience(flag: string, audience: string): string {
  const wanted = 'name this webhook, as in x509-authn.prod-eu.example';
  if (audience === '') throw new Failure(`${flag}: must not be empty: ${wanted}`);
  if (isSharedAudience(audience)) {
    throw new Failure(
      `${flag}: a token for ${JSON.stringify(audience)} is good at kube-apiserver itself: ${wanted}`,
    );
  }
  return audience;
}

/**
 * Names with commas between them.
 *
 * @throws Failure naming the flag, for an empty one.
 */
export function parseNames(flag: string, text: string): ReadonlySet<string> {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new Failure(`${flag}: ${JSON.stringify(text)} has an empty name in it`);
  return new Set(names);
}

/** Whether only this host reaches an address. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}
