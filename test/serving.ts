import { DAY, type Identity, mintAuthority, mintClient, type Template } from './pki.ts';

/** A serving certificate for loopback that Node's own TLS client accepts today, and the authority that it is to trust. */
export interface Serving {
  readonly authority: Identity;
  readonly identity: Identity;
}

export async function mintServing(template: Template = {}): Promise<Serving> {
  const validity = { notBefore: Date.now() - DAY, notAfter: Date.now() + DAY };
  const authority = await mintAuthority('serving-ca', validity);
  const names = { dnsSANs: ['localhost'], ipSANs: ['127.0.0.1', '::1'] };
  const subject = [{ CN: 'localhost' }];
  const identity = await mintClient(authority, {
    ...validity,
    ...names,
    subject,
    extKeyUsages: ['serverAuth'],
    ...template,
  });
  return { authority, identity };
}
