import type { Issue } from '../config/issue.ts';
import type { ConfigSource } from '../config/types.ts';
import { anchorSetsOf, distinctAnchorSets } from './anchor-sets.ts';
import type { Entry } from './authenticator.ts';

/** Bundles that have more in them than is trusted: what is missing are authorities, and nobody would know before a login fails. */
export function findSkippedBlocks(
  entries: readonly Entry[],
  source: ConfigSource,
  certificateAuthorityFile: string | undefined,
): readonly Issue[] {
  return distinctAnchorSets(anchorSetsOf(entries)).flatMap(({ path, bundle, anchorsOf }) => {
    const { skippedBlocks, anchors } = bundle;
    if (skippedBlocks === 0) return [];
    const where = anchorsOf === 'server' ? ` of ${certificateAuthorityFile}` : '';
    const what = `${skippedBlocks} PEM block${skippedBlocks === 1 ? ' is' : 's are'} passed over${where}`;
    const message = `${path}: ${what}, being no whole CERTIFICATE without headers (cut off, joined to the line before, or behind a byte order mark?): ${anchors.length} left`;
    return [
      { id: 'anchor/skipped-block', path, severity: 'warning' as const, message, ...source.locate(path) },
    ];
  });
}
