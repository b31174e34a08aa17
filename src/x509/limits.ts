/**
 * What a stranger may make us work on. Go sets hardly any of these; each is beyond what certificates in use, or in
 * public test suites, have (the most: 78 kB, with 2048 names), and keeps the worst input a matter of milliseconds.
 */
export const limits = {
  /** Of one certificate. Whatever it is made of, these many bytes parse in under 6 ms. */
  certificateBytes: 131_072,
  /** Of one certificate; nothing in use has 30. */
  extensions: 256,
  /** Of one name, over all its relative distinguished names. */
  nameAttributes: 4096,
  /** Of one certificate; each costs a look-up at every constraining authority above it. */
  subjectAlternativeNames: 4096,
  /** Of one certificate, permitted and excluded each. */
  nameConstraints: 4096,
  /** Of one certificate, and as many policy mappings; the levels of the policy graph grow by both. */
  policies: 256,
  /** A longer modulus does not parse: the largest that a TLS peer of Go's could ever have presented is half of it. */
  rsaModulusBits: 16384,
  /**
   * A signature by a longer key is not checked: one check of 16384 bits costs 3.4 ms, and Go's TLS refuses keys over
   * 8192.
   */
  rsaVerificationBits: 8192,
  /** Certificates presented at once; real chains have 2 to 4. */
  presentedCertificates: 16,
  /** Of all of them; as much as kube-apiserver's TLS layer takes. */
  presentedBytes: 262_144,
} as const;
