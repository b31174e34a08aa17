import type { Authenticator } from '../src/authenticator/authenticator.ts';
import { type CompileInputs, compile } from '../src/authenticator/compile.ts';
import { loadConfig } from '../src/config/decode.ts';
import type { Issue } from '../src/config/issue.ts';

/** Files that a configuration under test names, by path. */
export type Files = Readonly<Record<string, string>>;

/** What compiling a configuration gives: the authenticator and warnings, or every error's message. */
export function compileText(
  text: string,
  { files = {}, ...inputs }: Partial<CompileInputs> & { readonly files?: Files } = {},
): {
  readonly authenticator?: Authenticator;
  readonly warnings: readonly Issue[];
  readonly errors: readonly Issue[];
} {
  const loaded = loadConfig(text);
  if (loaded.kind === 'invalid') return { warnings: [], errors: loaded.issues };
  const compiled = compile(loaded.config, {
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      return Buffer.from(content);
    },
    ...inputs,
  });
  if (compiled.kind === 'invalid') return { warnings: [], errors: compiled.issues };
  return {
    authenticator: compiled.authenticator,
    warnings: [...loaded.warnings, ...compiled.warnings],
    errors: [],
  };
}

/** The authenticator of the `x509` entries given as YAML, with the server's anchors as PEM. */
export function authenticatorOf(entries: string, anchors = ''): Authenticator {
  const text = `apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\nx509:\n${entries}`;
  const inputs = anchors === '' ? {} : { files: { 'ca.pem': anchors }, certificateAuthorityFile: 'ca.pem' };
  const { authenticator, errors } = compileText(text, inputs);
  if (authenticator === undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return authenticator;
}
