/** What must never be printed: a bearer token, a private key, a whole certificate. */
const SECRETS: readonly RegExp[] = [
  /kube-x509-(?:session-)?v1\.[\w-]{8,}/,
  /\beyJ[\w-]{10,}\.[\w-]{10,}/,
  /-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----/,
  /\bMII[A-Za-z0-9+/]{60,}/,
  // The keys of P-256, P-384, P-521 and Ed25519 in PKCS #8 and SEC 1, without their PEM.
  /\b(?:MIGH|MIG2|MIHuAgEA|MC4CAQAwBQYDK2Vw|MHcCAQEE)[A-Za-z0-9+/]{20,}/,
  /"d": ?"[\w-]{40,}"/,
];

/** The first line with a secret in it. */
export function findSecret(lines: readonly string[]): string | undefined {
  return lines.find((line) => SECRETS.some((secret) => secret.test(line)));
}

/** Every server and every run of the program under test is held to this when it ends, and so are their audit trails. */
export function expectNoSecrets(lines: readonly string[]): void {
  const secret = findSecret(lines);
  if (secret !== undefined) throw new Error(`a secret was printed: ${secret}`);
}
