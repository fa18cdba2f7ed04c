/** The number in what a model wrote, or why there is none. */
import type { Reading } from '../../data/elicited.ts';
import type { Scale } from './digits.ts';

/** Ways in which models decline, in the languages of the prompts. */
const refusals = /^(i('|’)?m sorry|sorry|i (am|'m|’m) (not able|unable)|i (cannot|can('|’)?t|do not|don('|’)?t|am unable)|as an? (ai|language model)|unfortunately|het spijt me|ik kan (dit |dat )?niet|ik ben niet in staat|als (een )?ai|helaas|抱歉|对不起|我无法|我不能|作为)/i;

/** Written between two numbers that are both meant. */
const between = String.raw`(?:[-–—~,，、;:&+]|(?:to|tot|or|of|and|en|t\/m)\b|到|至|或|和)`;
const range = new RegExp(String.raw`^\s*(?:\([^)]*\)\s*)?${between}?\s*\d|^\+`, 'i');
/** Written before the highest rating that there could be. */
const ofMost = String.raw`(?:\/|out of\b|van(?: de)?\b|op(?: de)?\b)`;
const most = new RegExp(String.raw`^\s*${ofMost}\s*(\d+(?:[.,]\d+)?)`, 'i');
/** After which a text that was cut off may go on with another number. */
const unfinished = new RegExp(String.raw`^(?:[.,]|[^\S\r\n]*(?:${between}|${ofMost}|out)?[^\S\r\n]*)$`, 'i');
/** What a number is called that counts out of a hundred. */
const percent = /^\s*(?:%|per ?cent\b|procent\b)/i;
/** "1. Seeing", "1) seeing", "(1) seeing", "1: seeing", "0 = not at all". */
const listed = /^(?:[^\S\r\n]*[.)\]】:][^\S\r\n]*[^\s.)\]】:]|\s*=)/u;

/**
 * Reads a rating from an answer. It must begin with the number; opening brackets and quotation marks, and asterisks
 * anywhere, are not looked at, and full-width characters are read as their plain ones. A decimal point or a comma with one
 * or two digits belongs to it ("3.5", "3,5"), and what a rating may be out of must be the highest of the scale ("3/5").
 * What follows is not looked at further ("3 because"). No number: a range or several numbers ("3-4", "2 and 3"), the mark
 * of a list or a legend ("1. Seeing", "0 = not at all"), a percentage, a number that goes on with a letter ("3D"), one at
 * the very end of an answer that was cut off (it may go on), one that is not on the scale ("10", "4/10").
 *
 * @param cut whether the answer was cut off before its end
 */
export function readRating(text: string, cut: boolean, [low, high]: Scale): { readonly reading: Reading; readonly value: number } {
  const none = (reading: Reading): { reading: Reading; value: number } => ({ reading, value: Number.NaN });
  const plain = narrow(text).replaceAll(/[*_`]/g, '').replace(/^["'“”‘’「『([{【\s]+/, '');
  if (plain.trim() === '') return none('empty');
  const match = /^([-−]?\d+(?:\.\d+|,\d{1,2}(?!\d))?)(.*)$/s.exec(plain);
  if (!match) return none(refusals.test(plain) ? 'refusal' : 'words');
  const [, number = '', rest = ''] = match;
  if (cut && unfinished.test(rest)) return none('cut');
  const outOf = most.exec(rest);
  if (percent.test(rest) || /^[.,]?\p{N}/u.test(rest) || (outOf && Number(outOf[1]!.replace(',', '.')) !== high)) return none('outside');
  if (!outOf) {
    if (range.test(rest)) return none('range');
    if (listed.test(rest)) return none('list');
    // "3D", "3-year-old"; 分 are points.
    if (/^-?(?!分)\p{L}/u.test(rest)) return none('words');
  }
  const value = Number(number.replace(',', '.').replace('−', '-'));
  return value >= low && value <= high ? { reading: 'number', value } : none('outside');
}

/** Full-width characters as their plain ones, but for the comma, which never stands in a number. */
function narrow(text: string): string {
  return text.replaceAll(/[\uFF01-\uFF0B\uFF0D-\uFF5E]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0));
}
