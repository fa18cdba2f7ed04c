/**
 * How numbers are written, everywhere the same: correlations without a leading zero (they stay within -1 and 1),
 * true minus signs, thin spaces between thousands.
 */

const MINUS = '−';
const THIN = ' ';
/** Stands for a value that is not there. */
export const NONE = '–';

/** A value that rounds to zero carries no sign. */
function signed(text: string): string {
  if (!text.startsWith('-')) return text;
  return (/[1-9]/.test(text) ? MINUS : '') + text.slice(1);
}

/** A correlation or any value within -1..1, three decimals: ".724", "−.076", "1.000". */
export function correlation(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  return signed(value.toFixed(digits).replace(/^(-?)0\./, '$1.'));
}

/** A correlation on an axis, as short as it can be: "0", ".05", "−.2", "1". */
export function axisTick(value: number): string {
  return signed(String(Number(value.toFixed(3))).replace(/^(-?)0\./, '$1.'));
}

/** A difference of correlations with its sign: "+.532". */
export function difference(value: number | null | undefined, digits = 3): string {
  const text = correlation(value, digits);
  return value && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** An interval: "[.701, .745]"; '' where there is none. */
export function interval(value: readonly [number, number] | null): string {
  return value ? `[${correlation(value[0])}, ${correlation(value[1])}]` : '';
}

/** A p-value: "p < .001", "p = .012"; '' where there is none. */
export function pValue(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '';
  return value < 0.001 ? 'p < .001' : `p = ${correlation(value)}`;
}

/** A small number to two significant digits, as bounds of p are written: ".0042", ".05", "1". */
export function small(value: number): string {
  return String(Number(value.toPrecision(2))).replace(/^0\./, '.');
}

/** A whole number with thin spaces between thousands: "39 707". */
export function count(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  return signed(String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, THIN));
}

/** A count with its noun: "1 word", "1 572 words". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Any number for a table: whole numbers as counts, others to `digits` decimals. */
export function decimal(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  return signed(value.toFixed(digits));
}

/** A number of unknown size: whole as it is, else three significant digits. */
export function general(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  if (Number.isInteger(value)) return count(value);
  const size = Math.abs(value);
  if (size >= 1000) return count(value);
  return signed(size < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3))));
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in powers of 1000: "26.9 MB". */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 99.95 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** Large counts in words: "14.2 M", "260 k". */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  for (const [size, unit] of [[1e9, 'B'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (Math.abs(value) >= size) {
      const scaled = value / size;
      return `${scaled >= 100 ? Math.round(scaled) : Number(scaled.toFixed(1))} ${unit}`;
    }
  }
  return String(value);
}

/** A duration in milliseconds: "0.4 s", "2 min 05 s". */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 0.1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** A share as per cent: "42 %". */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${signed((value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0))} %` : NONE;
}

/** A list for a sentence: "a, b and c". */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
