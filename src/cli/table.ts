/** A column is no wider: one long name must not make every other row as long. */
const MAX_WIDTH = 64;

/** Rows under headings, in columns; the last column is not padded. The cells are printable. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) =>
    all.reduce((width, row) => Math.min(MAX_WIDTH, Math.max(width, (row[column] ?? '').length)), 0),
  );
  return all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
