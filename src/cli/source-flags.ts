/** By which flag the files of each source that `serve` follows are named. */
const FLAGS: Readonly<Record<string, string>> = {
  'authentication-config': '--config',
  'native-policy': '--native-policy',
  'serving-certificate': '--tls-cert-file, --tls-private-key-file',
  'caller-authorities': '--caller-ca-file',
  'caller-keys': '--caller-token-jwks-file',
  'terminator-authorities': '--terminator-ca-file',
  'session-signing-keys': '--session-signing-key-file',
};

/** What is wrong with a source, with its flag where all that is said is the system's own error. */
export function withFlag(source: string, problem: string): string {
  const flag = FLAGS[source];
  return flag === undefined || !isSystemError(problem) ? problem : `${flag}: ${problem}`;
}

function isSystemError(problem: string): boolean {
  return /^E[A-Z]+: |^(?!--).* is not a regular file$/.test(problem);
}
