/**
 * What a stranger may make us work on. Go sets none of these; each is beyond what certificates in use or in the public test suites
 * have (the largest: 78 kB, 2048 names), and keeps the worst input a matter of milliseconds.
 */
export const limits = {
  /** Of one certificate: parsing costs about 0.2 µs a byte at worst. */
  certificateBytes: 131_072,
  /** Of one certificate. Go reads 20,000 in 12 ms; nothing real has 100. */
  extensions: 256,
  /** Of one name, over all its relative distinguished names. */
  nameAttributes: 1024,
  /** Of one certificate; each costs a URL parse, and a look-up at every constrained authority above it. */
  subjectAlternativeNames: 4096,
  /** Of one certificate, permitted and excluded. */
  nameConstraints: 8192,
  /** Of one certificate, and of policy mappings. */
  policies: 256,
  /** A longer modulus does not parse: the largest that a TLS peer of Go's could ever have presented is half of it. */
  rsaModulusBits: 16384,
  /** A signature by a longer key is not checked: one check of 16384 bits costs 3.4 ms, and Go's TLS refuses keys over 8192. */
  rsaVerificationBits: 8192,
  /** Certificates presented at once; kube-apiserver's TLS layer takes 256 KiB of them, real chains have 2 to 4. */
  presentedCertificates: 16,
} as const;
