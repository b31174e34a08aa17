/** Whether a text is an IPv4 address in dotted decimals, each without leading zeros. */
function isIpv4(text: string): boolean {
  const fields = text.split('.', 5);
  return (
    fields.length === 4 && fields.every((field) => /^(?:0|[1-9]\d{0,2})$/.test(field) && Number(field) <= 255)
  );
}

/** Whether a text is an IPv6 address (RFC 4291 §2.2), perhaps with a zone after `%`. */
export function isIpv6(text: string): boolean {
  const [address, zone] = cut(text, '%');
  if (zone === '') return false;
  const [head, tail] = cut(address, '::');
  if (tail === undefined) return groupsIn(head, 'last') === 8;
  const headGroups = groupsIn(head, 'inner');
  const tailGroups = groupsIn(tail, 'last');
  // `::` stands for at least one group.
  return headGroups !== undefined && tailGroups !== undefined && headGroups + tailGroups <= 7;
}

/** Whether a text is an IP address as Go's `netip.ParseAddr` reads it. */
export function isIpAddress(text: string): boolean {
  return text.includes(':') ? isIpv6(text) : isIpv4(text);
}

function cut(text: string, separator: string): readonly [string, string?] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + separator.length)];
}

/** The 16-bit groups in a run of colon-separated hexadecimals, the last two perhaps as an IPv4 address. */
function groupsIn(run: string, position: 'inner' | 'last'): number | undefined {
  if (run === '') return 0;
  const groups = run.split(':', 9);
  const last = groups.at(-1) ?? '';
  const endsInIpv4 = position === 'last' && last.includes('.');
  if (endsInIpv4 && !isIpv4(groups.pop() ?? '')) return undefined;
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? groups.length + (endsInIpv4 ? 2 : 0)
    : undefined;
}

/** An address of 4 or 16 bytes as text: RFC 5952, and an IPv4-mapped one as IPv4, as Go prints them. */
export function formatIpAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff;
  if (isMapped) return bytes.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index));
  const zeros = longestZeroRun(groups);
  const text = (from: number, to?: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return zeros.length < 2 ? text(0) : `${text(0, zeros.start)}::${text(zeros.start + zeros.length)}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  return best;
}
