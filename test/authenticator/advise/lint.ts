import { FINDING_KINDS } from '../../../src/authenticator/advise/finding-kinds.ts';
import { type LintInputs, type LintResult, lintText } from '../../../src/authenticator/advise/lint-text.ts';
import type { ApiserverBundle } from '../../../src/authenticator/advise/subject.ts';
import { parseTrustBundle } from '../../../src/x509/trust-bundle.ts';
import { NOW } from '../../pki.ts';

/** Every finding about a configuration that loads. */
export const ADVICE_IDS: readonly string[] = [...FINDING_KINDS.keys()].filter(
  (id) => !/^(?:decode|field|suppression|native|inventory)\//.test(id),
);

/** Files by path, as text or bytes. */
export type Files = Readonly<Record<string, string | Buffer>>;

export type LintOptions = Partial<Omit<LintInputs, 'readFile'>> & {
  readonly files?: Files;
  readonly apiVersion?: string;
};

/** Lints a configuration as of `NOW`, with these files and no others. */
export function lint(text: string, { files = {}, ...inputs }: LintOptions = {}): LintResult {
  return lintText(text, {
    at: NOW,
    readFile: (path) => {
      const content = files[path];
      if (content !== undefined) return Buffer.from(content);
      throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
    },
    audiences: [],
    revocationFiles: [],
    targets: [],
    disallowedIssuers: [],
    ...inputs,
  });
}

/** Lints what stands below `kind`. */
export function lintFields(fields: string, options: LintOptions = {}): LintResult {
  const { apiVersion = 'v1beta1' } = options;
  return lint(
    `apiVersion: apiserver.config.k8s.io/${apiVersion}\nkind: AuthenticationConfiguration\n${fields}`,
    options,
  );
}

/** A bundle of kube-apiserver's. */
export function apiserverBundle(pem: string): ApiserverBundle {
  const parsed = parseTrustBundle(pem);
  if (!parsed.ok) throw new Error(parsed.error);
  return { file: 'apiserver-ca.pem', bundle: parsed.bundle };
}
