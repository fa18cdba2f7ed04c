/** How numbers are written. */
import { expect, test } from 'vitest';
import { unparse } from '../../src/ui/csv.ts';
import { axisTick, bytes, compact, correlation, count, counted, decimal, difference, duration, interval, listed, percent, pValue } from '../../src/ui/format.ts';

test('correlations have three decimals, no leading zero and a true minus', () => {
  expect(correlation(0.7236)).toBe('.724');
  expect(correlation(-0.0761)).toBe('−.076');
  expect(correlation(1)).toBe('1.000');
  expect(correlation(-1)).toBe('−1.000');
  expect(correlation(0)).toBe('.000');
});

test('a value that rounds to zero carries no sign', () => {
  expect(correlation(-0.0001)).toBe('.000');
  expect(interval([-1e-17, 1e-17])).toBe('[.000, .000]');
  expect([percent(-1e-17), decimal(-1e-17), axisTick(-1e-17), count(-0.2)]).toEqual(['0 %', '0.00', '0', '0']);
  expect([percent(-0.2), decimal(-1.5)]).toEqual(['−20 %', '−1.50']);
  expect(difference(0.0001)).toBe('.000');
});

test('differences carry their sign', () => {
  expect(difference(0.5318)).toBe('+.532');
  expect(difference(-0.172)).toBe('−.172');
});

test('missing values are a dash, missing intervals and p are nothing', () => {
  expect(correlation(Number.NaN)).toBe('–');
  expect(decimal(null)).toBe('–');
  expect(interval(null)).toBe('');
  expect(pValue(null)).toBe('');
});

test('intervals and p-values read as in papers', () => {
  expect(interval([0.7012, 0.7447])).toBe('[.701, .745]');
  expect(pValue(0.0001)).toBe('p < .001');
  expect(pValue(0.0123)).toBe('p = .012');
});

test('thousands are set apart by thin spaces', () => {
  expect(count(39_707)).toBe('39 707');
  expect(count(999)).toBe('999');
  expect(counted(1, 'word')).toBe('1 word');
  expect(counted(1572, 'word')).toBe('1 572 words');
});

test('axis ticks are as short as they can be and never two alike', () => {
  expect([0, 0.05, 0.1, -0.2, 1].map(axisTick)).toEqual(['0', '.05', '.1', '−.2', '1']);
});

test('sizes and durations', () => {
  expect(bytes(999)).toBe('999 bytes');
  expect(bytes(26_900_000)).toBe('26.9 MB');
  expect(bytes(999_999)).toBe('1.0 MB');
  expect(compact(14_200_000)).toBe('14.2 M');
  expect(compact(260_000)).toBe('260 k');
  expect(duration(420)).toBe('0.4 s');
  expect(duration(125_000)).toBe('2 min 05 s');
  expect(percent(0.95)).toBe('95 %');
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
});

test('csv keeps full precision, quotes what needs it and leaves missing numbers empty', () => {
  expect(unparse(['word', 'value'], [['a, "b"', 0.1 + 0.2], ['c', Number.NaN]])).toBe('word,value\r\n"a, ""b""",0.30000000000000004\r\nc,\r\n');
});
