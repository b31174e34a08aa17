import type { Authenticator } from '../../authenticator/authenticator.ts';
import { openToken } from '../../credential/open-token.ts';
import { SESSION_PREFIX } from '../../credential/session-token.ts';
import { describeTokenRefusal } from '../../credential/token-refusal.ts';
import type { Presented } from './trial.ts';

/** A token as it was presented, to which audience, and from where. */
export interface PresentedToken {
  readonly token: string;
  readonly audience: string;
  readonly remoteAddress: string | undefined;
  readonly at: number;
}

const FOREIGN = 'the token is none of ours: it has another form, or it is for another audience';
const SESSION =
  'the token is a session, of which only a server with its signing key can tell: present the certificate';

/** Opens a token as the server does; the signature is left to the decision. */
export function presentToken(
  { paths }: Authenticator,
  { token, audience, remoteAddress, at }: PresentedToken,
): Presented {
  const opened = openToken(token, { audiences: [audience], at, readChain: paths.readChain });
  switch (opened.kind) {
    case 'foreign': {
      const message = token.startsWith(SESSION_PREFIX) ? SESSION : FOREIGN;
      return { kind: 'refused', outcome: 'no-opinion', at, code: 'token/foreign', message };
    }
    case 'refused': {
      const { refusal } = opened;
      const message = describeTokenRefusal(refusal);
      return { kind: 'refused', outcome: 'denied', at, code: refusal.code, message };
    }
    case 'opened': {
      const { chain, proof } = opened;
      const evidence = { chain, possession: { kind: 'signed', proof } as const, at };
      return {
        kind: 'evidence',
        evidence: { ...evidence, ...(remoteAddress !== undefined && { remoteAddress }) },
      };
    }
  }
}
