import type { AuditEvent, AuditLine } from './audit-log.ts';

/** How a certificate was used, as an audit log tells. */
export interface CertificateUsage {
  readonly fingerprint: string;
  /** Of the last event. */
  readonly username: string;
  readonly events: number;
  /** When the request of the last event came, as the log has it. */
  readonly lastAt: string;
  /** Whether it was of the group `system:masters`, about which kube-apiserver asks no webhook. */
  readonly isMaster: boolean;
}

/** What an audit log tells of certificates. */
export interface UsageSummary {
  readonly events: number;
  /** Lines that are no audit events. */
  readonly unreadable: number;
  readonly usages: readonly CertificateUsage[];
}

const PREFIX = 'X509SHA256=';
const FORM = /^X509SHA256=[0-9a-f]{64}$/i;

/** Gathers the certificates of a log; takes memory for each certificate and none for the events. */
export async function summarizeUsage(lines: AsyncIterable<AuditLine>): Promise<UsageSummary> {
  const usages = new Map<string, CertificateUsage>();
  let events = 0;
  let unreadable = 0;
  for await (const line of lines) {
    if (line.kind === 'unreadable') unreadable += 1;
    else {
      events += 1;
      for (const fingerprint of fingerprintsOf(line.event)) {
        const { username, groups, receivedAt: lastAt } = line.event;
        const isMaster = groups.includes('system:masters');
        const known = usages.get(fingerprint)?.events ?? 0;
        usages.set(fingerprint, { fingerprint, username, events: known + 1, lastAt, isMaster });
      }
    }
  }
  return { events, unreadable, usages: [...usages.values()] };
}

function fingerprintsOf({ credentialIds }: AuditEvent): readonly string[] {
  return credentialIds.filter((id) => FORM.test(id)).map((id) => id.slice(PREFIX.length).toLowerCase());
}
