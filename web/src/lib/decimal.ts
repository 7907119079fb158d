// Rounding on the exact decimal value of a number, ties to even: what the program's own formatter does. The
// built-in `toFixed` and `toExponential` send ties upwards, and would now and then differ in the last digit.

/** A finite number as numerator and denominator. */
function ratio(value: number): [bigint, bigint] {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value);
  const bits = bytes.getBigUint64(0);
  const stored = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = stored === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = (stored === 0 ? 1 : stored) - 1075;
  return exponent >= 0 ? [mantissa << BigInt(exponent), 1n] : [mantissa, 1n << BigInt(-exponent)];
}

/** `|value| × 10^power`, rounded to a whole number, ties to even. */
function scaled(value: number, power: number): bigint {
  let [over, under] = ratio(value);
  if (power >= 0) over *= 10n ** BigInt(power);
  else under *= 10n ** BigInt(-power);
  const whole = over / under;
  const twice = (over % under) * 2n;
  return twice > under || (twice === under && whole % 2n === 1n) ? whole + 1n : whole;
}

/** A number's size with so many decimals; the sign is the caller's. */
export function fixed(value: number, decimals: number): string {
  const digits = scaled(value, decimals).toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** A number's size rounded to significant digits, as decimal expansion without an exponent. */
export function significant(value: number, digits: number): string {
  if (value === 0) return fixed(0, digits - 1);
  let exponent = Number(value.toExponential().split('e')[1]);
  let whole = scaled(value, digits - 1 - exponent);
  if (whole >= 10n ** BigInt(digits)) {
    whole /= 10n;
    exponent += 1;
  }
  const rounded = Number(`${whole}e${exponent - digits + 1}`);
  return fixed(rounded, Math.max(0, digits - 1 - exponent));
}

/** The size of a whole number with as many digits as tell it apart from its neighbours, then zeros. */
export function shortest(whole: number): string {
  const [digits = '0', exponent = '0'] = Math.abs(whole).toExponential().split('e');
  return digits.replace('.', '').padEnd(Number(exponent) + 1, '0');
}
