/** What must never be printed: a bearer token, a private key, a whole certificate. */
const SECRETS: readonly RegExp[] = [
  /kube-x509-v1\.[\w-]{8,}/,
  /\beyJ[\w-]{10,}\.[\w-]{10,}/,
  /-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----/,
  /\bMII[A-Za-z0-9+/]{60,}/,
];

/** The first line with a secret in it. */
export function findSecret(lines: readonly string[]): string | undefined {
  return lines.find((line) => SECRETS.some((secret) => secret.test(line)));
}

/** Every server under test is held to this when it closes. */
export function expectNoSecrets(lines: readonly string[]): void {
  const secret = findSecret(lines);
  if (secret !== undefined) throw new Error(`a secret was printed: ${secret}`);
}
