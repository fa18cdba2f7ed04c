/** The number in what a model wrote, or why there is none. */
import type { Reading } from '../../data/elicited.ts';
import type { Scale } from './digits.ts';

/** Ways in which models decline, in the languages of the prompts. */
const refusals = /^(i('|’)?m sorry|sorry|i (am|'m|’m) (not able|unable)|i (cannot|can('|’)?t|do not|don('|’)?t|am unable)|as an? (ai|language model)|unfortunately|het spijt me|ik kan (dit |dat )?niet|ik ben niet in staat|als (een )?ai|helaas|抱歉|对不起|我无法|我不能|作为)/i;

/**
 * Reads a rating from an answer. It must begin with the number, quotation marks and asterisks aside; a decimal point or
 * comma with one or two digits belongs to it ("3.5", "3,5"), what follows is not looked at ("3/5", "3 because"). No number:
 * a range ("3-4"), a number at the very end of an answer that was cut off (it may go on), a number that is not on the
 * scale ("10").
 *
 * @param cut whether the answer was cut off before its end
 */
export function readRating(text: string, cut: boolean, [low, high]: Scale): { readonly reading: Reading; readonly value: number } {
  const none = (reading: Reading): { reading: Reading; value: number } => ({ reading, value: Number.NaN });
  const plain = text.trim().replace(/^["'“”‘’*_`\s]+/, '');
  if (plain === '') return none('empty');
  const match = /^(-?\d+(?:[.,]\d{1,2}(?!\d))?)(.*)$/s.exec(plain);
  if (!match) return none(refusals.test(plain) ? 'refusal' : 'words');
  const [, number = '', rest = ''] = match;
  if (cut && /^[.,]?$/.test(rest) && /[\d.,]$/.test(text)) return none('cut');
  if (/^\s*(-|–|—|~|to\b|tot\b|or\b|到|至)\s*\d/.test(rest)) return none('range');
  if (/^[.,]?\d/.test(rest)) return none('outside');
  const value = Number(number.replace(',', '.'));
  return value >= low && value <= high ? { reading: 'number', value } : none('outside');
}
