/**
 * Quick: fewer words, permutations, draws or steps, to see soon how a notebook comes out. The front matter switches it
 * (`quick: true`); the `quick` block of a cell holds the values it then uses. Whatever depends on one says so.
 */
import { canonicalJson, type Plain } from '../base/hash.ts';
import { nearest } from '../base/nearest.ts';
import type { ProblemRecord } from '../base/problem.ts';
import { checkField, quickWords, shown, underQuick, whyNotQuick } from '../kinds/field.ts';
import type { Kind } from '../kinds/kind.ts';
import { quickKey } from './body.ts';
import type { Cell } from './document.ts';
import { trouble } from './trouble.ts';

/** One value that Quick put in place of another. */
export interface QuickMark {
  readonly cell: string;
  readonly parameter: string;
  readonly quick: unknown;
  readonly full: unknown;
  /** In words: "200 of 10 000 permutations". */
  readonly text: string;
}

/** The quick block of a cell, checked by the same fields as the cell itself. */
export interface CheckedQuick {
  /** Values that differ from the cell's own; one that says the same, or counts more, changes nothing. */
  readonly marks: readonly QuickMark[];
  readonly problems: readonly ProblemRecord[];
}

/**
 * Checks a cell's quick block, whether Quick is on or not.
 * @param full the cell's own parameters, checked, defaults filled in.
 */
export function checkQuick(cell: Cell, kind: Kind, full: Readonly<Record<string, unknown>>): CheckedQuick {
  const marks: QuickMark[] = [];
  const problems: ProblemRecord[] = [];
  const { entries } = cell.body;
  const scalar = entries.find(({ key }) => key === quickKey);
  if (scalar && scalar.value !== null) {
    problems.push(trouble('quick', cell, scalar.line, `quick is ${JSON.stringify(scalar.value)}, not a block of values`, 'Write the values that Quick uses: quick: {name: value}. The switch itself, quick: true, stands at the top of the notebook.'));
  }
  for (const { key, value, line } of cell.body.quick?.entries ?? []) {
    const declared = Object.hasOwn(kind.fields, key) ? kind.fields[key] : undefined;
    if (!declared) {
      const close = nearest(key, Object.keys(kind.fields));
      problems.push(trouble('unknown-parameter', cell, line, `${kind.name} has no parameter "${key}" for quick`, close ? `Did you mean ${close}?` : `It has ${Object.keys(kind.fields).join(', ')}.`));
      continue;
    }
    const why = whyNotQuick(kind.fields, key);
    if (why) {
      problems.push(trouble('quick', cell, line, `quick sets ${key}, which ${why}`, 'Set it in the cell itself, once for both. Quick is for amounts, such as words, permutations or steps.'));
      continue;
    }
    const result = value === null ? { ok: false as const, what: `quick.${key} has no value`, fix: 'Write a value, or take the line away.' } : checkField(`quick.${key}`, declared, value);
    if (!result.ok) problems.push(trouble('parameter', cell, line, result.what, result.fix));
    else if (Object.hasOwn(full, key)) {
      const used = underQuick(declared, result.value, full[key]);
      if (!same(used, full[key])) marks.push({ cell: cell.name, parameter: key, quick: used, full: full[key], text: quickWords(declared, used, full[key]) });
    }
  }
  return { marks, problems };
}

/**
 * What the form says beside each field of a cell's quick block, by field name.
 * @param params the cell's parameters as they run now: with Quick on, those of the block are in them.
 */
export function quickNotes(cell: Cell, kind: Kind, params: Readonly<Record<string, unknown>>, on: boolean): Record<string, string> {
  return Object.fromEntries((cell.body.quick?.entries ?? []).flatMap(({ key, value }): [string, string][] => {
    const declared = Object.hasOwn(kind.fields, key) ? kind.fields[key] : undefined;
    if (!declared || value === null || !Object.hasOwn(params, key) || whyNotQuick(kind.fields, key)) return [];
    const result = checkField(key, declared, value);
    if (!result.ok) return [];
    return [[key, on ? `Quick is on: ${shown(params[key])} is used now.` : `With Quick: ${shown(underQuick(declared, result.value, params[key]))}.`]];
  }));
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Plain) === canonicalJson(b as Plain);
}

/** Marks without repeats, in order: several ways may lead from one quick cell to another. */
export function distinctMarks(marks: readonly QuickMark[]): QuickMark[] {
  return [...new Map(marks.map((mark) => [`${mark.cell}.${mark.parameter}`, mark])).values()];
}

/** Whether two lists of marks say the same. */
export function sameMarks(a: readonly QuickMark[], b: readonly QuickMark[]): boolean {
  return a.length === b.length && a.every((mark, at) => mark.cell === b[at]?.cell && mark.parameter === b[at].parameter && mark.text === b[at].text);
}

/**
 * What a figure, a card or an export of a cell says: "Quick: 200 of 10 000 permutations; 60 of all words (concepts)."
 * Values of other cells carry those cells' names. '' without marks.
 */
export function quickSentence(cell: string, marks: readonly QuickMark[]): string {
  const owners = new Map<string, string[]>();
  for (const mark of marks) owners.set(mark.text, [...(owners.get(mark.text) ?? []), mark.cell]);
  // What the same cells share is said once, with their names behind it.
  const shared = new Map<string, string[]>();
  for (const [text, cells] of owners) shared.set(cells.join(', '), [...(shared.get(cells.join(', ')) ?? []), text]);
  const parts = Array.from(shared, ([names, texts]) => texts.join(', ') + (names === cell ? '' : ` (${names})`));
  return parts.length > 0 ? `Quick: ${parts.join('; ')}.` : '';
}
