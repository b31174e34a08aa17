/** How a kind of terminator hands on its client's certificates. Names are in lower case. */
export interface CertificateHeaders {
  readonly names: readonly string[];
  /**
   * Reads the values of those headers, each of which came once at most: certificates as DER, leaf first; none where the client showed
   * none. Throws BadHeader for what is not exactly the form.
   */
  readonly read: (values: Readonly<Record<string, string>>) => readonly Buffer[];
}
