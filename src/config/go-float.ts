/** A number as Go's strconv.FormatFloat(value, 'g', -1, bits) writes it: the fewest digits that read back the same. */
export function shortestFloat(value: number, type: 'float32' | 'float64'): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '0', exponent = '0'] = shortestExponential(value, type).split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return positional(mantissa, power);
}

function shortestExponential(value: number, type: 'float32' | 'float64'): string {
  if (type === 'float64') return value.toExponential();
  const rounded = Math.fround(value);
  for (let digits = 0; digits < 9; digits += 1) {
    const text = rounded.toExponential(digits);
    if (Math.fround(Number(text)) === rounded) return text;
  }
  return rounded.toExponential();
}

function positional(mantissa: string, power: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  if (digits.length <= power + 1) return sign + digits.padEnd(power + 1, '0');
  return `${sign}${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`;
}
