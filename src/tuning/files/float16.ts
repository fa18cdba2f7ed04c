/** Rounding to half precision, for browsers without Float16Array too. */

/** To the nearest integer, halves to the even one. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  const above = value - floor;
  return above > 0.5 || (above === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/**
 * The bits of the IEEE 754 binary16 number nearest to a number, ties to even, rounded once. Beyond the largest finite
 * one (65,504) the result is infinity.
 */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  // Below 2^-14 the steps are 2^-24; a carry into the exponent is the next number.
  if (size < 2 ** -14) return sign | roundEven(size * 2 ** 24);
  let exponent = -14;
  while (size >= 2 ** (exponent + 1)) exponent++;
  return sign | (((exponent + 14) << 10) + roundEven((size / 2 ** exponent) * 1024));
}
