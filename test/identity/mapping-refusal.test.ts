import { describe, expect, it } from 'vitest';
import { describeMappingRefusal } from '../../src/identity/mapping-refusal.ts';

describe('describeMappingRefusal', () => {
  it('says what is wrong, and quotes the value', () => {
    expect(describeMappingRefusal({ code: 'mapping/namespace', value: 'Kube System' })).toBe(
      'not a name that Kubernetes allows for a namespace: "Kube System"',
    );
  });

  it('does without a value where there is none', () => {
    expect(describeMappingRefusal({ code: 'mapping/spiffe-no-uri' })).toBe(
      'the certificate has no URI SAN; it must have one, its SPIFFE ID',
    );
  });

  it("leaves out a value that is somebody's whole name", () => {
    expect(describeMappingRefusal({ code: 'mapping/system-username', value: 'system:admin' })).toBe(
      'the username begins with system:, which allowSystemIdentities does not allow',
    );
  });

  it('stays on one line and at a bounded length whatever the value', () => {
    const value = `\n"O=system:masters\u2028`.repeat(10_000);
    const text = describeMappingRefusal({ code: 'mapping/namespace', value });
    expect(text).not.toMatch(/[\n\u2028]/);
    expect(text.length).toBeLessThan(600);
    expect(text).toMatch(/"…$/);
  });
});
