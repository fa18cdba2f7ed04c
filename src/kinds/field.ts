/**
 * The fields of a cell: what a parameter may be, its default, its help. One declaration gives the check of a
 * notebook's text, the type that `run` sees and the form the reader edits.
 */
import * as v from 'valibot';
import { nearest } from '../base/nearest.ts';
import type { ValueType } from '../data/values.ts';
import { count } from '../ui/format.ts';

interface FieldBase<T> {
  readonly schema: v.GenericSchema<unknown, T>;
  /** Used when the notebook does not say; undefined makes the field required. */
  readonly default: T | undefined;
  readonly label: string;
  /** One or two sentences for the form. */
  readonly help: string;
  /** True where the value only shows beside the result and is no part of its key. */
  readonly onlyShown?: boolean;
  /**
   * Page below docs/statistics that explains the field, without `.md` ("inference/mantel"); one per option where each
   * option is a statistic of its own, or a list where the field bears on several. The form links to it.
   */
  readonly page?: Page;
  /** Heading under which the form gathers fields that few readers change; fields of a group stand together. */
  readonly group?: string;
}

export type Page = string | readonly string[] | Readonly<Record<string, string>>;

export interface TextField extends FieldBase<string> { readonly control: 'text'; readonly placeholder: string }
export interface NumberField extends FieldBase<number> {
  readonly control: 'number';
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  /** What it is a number of, where that is worth saying: "permutations". */
  readonly counts: string;
  /** What 0 stands for where it is not none: "all". */
  readonly zero: string;
}
interface Options<T extends string> {
  readonly options: readonly T[];
  /** The option that goes by another name too, "visual" for Visual; undefined where there is none. */
  readonly also: (typed: string) => string | undefined;
  /** Names in lower case that are no option's, and the option to suggest for each. */
  readonly meant: Readonly<Record<string, T>>;
}
export interface ToggleField extends FieldBase<boolean> { readonly control: 'toggle' }
export interface ChoiceField<T extends string> extends FieldBase<T>, Options<T> { readonly control: 'choice' }
export interface ChoicesField<T extends string> extends FieldBase<readonly T[]>, Options<T> {
  readonly control: 'choices';
  /** How the form calls an option. */
  readonly labelOf: (option: string) => string;
  /** Where the form folds the options behind the first few, and under which words; null where it shows all. */
  readonly fold: Fold | null;
}
interface Fold { readonly first: number; readonly heading: string }
export interface ListField extends FieldBase<readonly string[]> { readonly control: 'list'; readonly placeholder: string }
/** The name of another cell whose value has one of the accepted types, or one of a few literal words. */
export interface CellField extends FieldBase<string> {
  readonly control: 'cell';
  readonly accepts: readonly ValueType[];
  readonly literals: readonly string[];
}
export interface CellsField extends FieldBase<readonly string[]> { readonly control: 'cells'; readonly accepts: readonly ValueType[] }
/**
 * The name of an imported file, or one of a few literal words; '' for none where the field may stay empty. And which of the
 * cell's other fields holds the address it can be fetched from.
 */
export interface FileField extends FieldBase<string> {
  readonly control: 'file';
  readonly accept: string;
  readonly literals: readonly string[];
  readonly addressField: string;
}

export type Field =
  | TextField
  | NumberField
  | ToggleField
  | ChoiceField<string>
  | ChoicesField<string>
  | ListField
  | CellField
  | CellsField
  | FileField;

export type Fields = Readonly<Record<string, Field>>;

/** The parameters that `run` receives for a set of fields. */
export type ParamsOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends FieldBase<infer T> ? T : never };

interface Words { readonly label: string; readonly help: string; readonly page?: Page; readonly group?: string }

/** What more a field of options may know: other names that it takes, and names for which it suggests an option. */
interface Known<T extends string> { readonly also?: (typed: string) => string | undefined; readonly meant?: Readonly<Record<string, NoInfer<T>>> }

/** What of the words stands in every field as it is. */
const worded = ({ label, help, page, group }: Words): Words => ({ label, help, ...(page === undefined ? {} : { page }), ...(group === undefined ? {} : { group }) });

/** The option that a reader means by what was typed: the option itself, or the one that goes by this name too. */
export function optionOf<T extends string>(declared: Pick<Options<T>, 'options' | 'also'>, typed: unknown): T | undefined {
  if (typeof typed !== 'string') return undefined;
  if (declared.options.includes(typed as T)) return typed as T;
  const also = declared.also(typed);
  return declared.options.find((option) => option === also);
}

const name = v.pipe(v.string('should be text'), v.trim(), v.minLength(1, 'should not be empty'));
/** YAML reads `2` and `true` as themselves; a text field takes them as written. */
const text = v.pipe(v.union([v.string(), v.number(), v.boolean()], 'should be text'), v.transform(String));
/** A single value stands for a list of one. */
const list = v.pipe(
  v.union([v.array(text), text], 'should be a list'),
  v.transform((value) => (typeof value === 'string' ? [value] : value)),
);

const none = (): undefined => undefined;

export const field = {
  text: (words: Words & { default?: string; placeholder?: string }): TextField => ({
    control: 'text', schema: text, default: words.default, ...worded(words), placeholder: words.placeholder ?? '',
  }),
  number: (words: Words & { default?: number; min: number; max: number; integer?: boolean; counts?: string; zero?: string }): NumberField => ({
    control: 'number',
    schema: v.pipe(
      v.number('should be a number'),
      v.minValue(words.min, `below ${words.min}`),
      v.maxValue(words.max, `above ${words.max}`),
      v.check((value) => !words.integer || Number.isInteger(value), 'should be a whole number'),
    ),
    default: words.default, ...worded(words), min: words.min, max: words.max, integer: words.integer ?? false, counts: words.counts ?? '', zero: words.zero ?? '',
  }),
  toggle: (words: Words & { default: boolean }): ToggleField => ({
    control: 'toggle', schema: v.boolean('should be true or false'), default: words.default, ...worded(words),
  }),
  choice: <const T extends string>(options: readonly T[], words: Words & Known<T> & { default?: NoInfer<T> }): ChoiceField<T> => {
    const known = { options, also: words.also ?? none, meant: words.meant ?? {} };
    return {
      control: 'choice',
      schema: v.pipe(v.unknown(), v.transform((typed) => optionOf(known, typed) ?? typed), v.picklist(options, `should be one of ${options.join(', ')}`)),
      default: words.default, ...known, ...worded(words),
    };
  },
  choices: <const T extends string>(options: readonly T[], words: Words & Known<T> & { default: readonly NoInfer<T>[]; labelOf?: (option: string) => string; fold?: Fold }): ChoicesField<T> => {
    const known = { options, also: words.also ?? none, meant: words.meant ?? {} };
    return {
      control: 'choices',
      schema: v.pipe(
        list,
        // Two names of one option are the option once.
        v.transform((typed) => [...new Set(typed.map((one) => optionOf(known, one) ?? one))]),
        v.array(v.picklist(options, `should be among ${options.join(', ')}`)),
        // None may be chosen where none is the default.
        v.minLength(words.default.length ? 1 : 0, 'should name at least one'),
      ),
      default: words.default, ...known, ...worded(words), labelOf: words.labelOf ?? String, fold: words.fold ?? null,
    };
  },
  list: (words: Words & { default: readonly string[]; placeholder?: string; onlyShown?: boolean }): ListField => ({
    control: 'list', schema: list, onlyShown: words.onlyShown ?? false, default: words.default, ...worded(words), placeholder: words.placeholder ?? '',
  }),
  cell: (accepts: readonly ValueType[], words: Words & { default?: string; literals?: readonly string[] }): CellField => ({
    control: 'cell', schema: name, default: words.default, accepts, literals: words.literals ?? [], ...worded(words),
  }),
  /** With the default [] the field may stay empty. */
  cells: (accepts: readonly ValueType[], words: Words & { default?: readonly [] }): CellsField => ({
    control: 'cells', schema: v.pipe(list, v.minLength(words.default ? 0 : 1, 'should name at least one cell')), default: words.default, accepts, ...worded(words),
  }),
  /** With the default '' the field may stay empty. */
  file: (words: Words & { accept: string; addressField: string; default?: string; literals?: readonly string[] }): FileField => ({
    control: 'file', schema: words.default === '' ? v.pipe(v.string('should be text'), v.trim()) : name, default: words.default,
    accept: words.accept, addressField: words.addressField, literals: words.literals ?? [], ...worded(words),
  }),
};

/** What a parameter's text turned out to be: its value, or what is wrong with it ("is -3, below 0") and what to write. */
export type Checked = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly what: string; readonly fix: string };

/** Checks one raw value (as YAML gave it; undefined = not written) against its field. */
export function checkField(fieldName: string, declared: Field, raw: unknown): Checked {
  if (raw === undefined || raw === null) {
    if (declared.default === undefined) return { ok: false, what: `${fieldName} is missing`, fix: fixOf(declared, raw) };
    return { ok: true, value: declared.default };
  }
  const result = v.safeParse(declared.schema, raw);
  if (result.success) return { ok: true, value: result.output };
  return { ok: false, what: `${fieldName} is ${JSON.stringify(raw)}, ${result.issues[0].message}`, fix: fixOf(declared, raw) };
}

/** What to write instead of a value that is missing or wrong. */
function fixOf(declared: Field, raw: unknown): string {
  switch (declared.control) {
    case 'choice':
    case 'choices': {
      const typed = (Array.isArray(raw) ? raw : [raw]).find((one) => optionOf(declared, one) === undefined);
      const close = typed === undefined || typed === null ? undefined : declared.meant[String(typed).toLowerCase()] ?? nearest(String(typed), declared.options);
      if (close !== undefined) return `Did you mean ${close}?`;
      // What is wrong lists the options already, unless nothing was named.
      return typed === undefined || typed === null ? `Write one of ${declared.options.join(', ')}.` : 'Choose one of these.';
    }
    case 'number':
      return `Write a ${declared.integer ? 'whole number' : 'number'} from ${declared.min} to ${declared.max}.`;
    case 'toggle':
      return 'Write true or false.';
    case 'text':
      return 'Write a text, in quotation marks where it holds a colon.';
    case 'list':
      return 'Write a list, as in [one, two].';
    case 'cell':
    case 'cells':
      return `Name ${declared.control === 'cell' ? 'a cell that gives' : 'cells that give'} ${[declared.accepts.join(' or '), ...(declared.control === 'cell' ? declared.literals : [])].join(', or write ')}.`;
    case 'file':
      return `Choose a file (${declared.accept.replaceAll(',', ', ')}), or write ${[...declared.literals, 'the name of one that was brought in'].join(' or ')}.`;
    default:
      return declared satisfies never;
  }
}

/** A value as the reader sees it: lists with commas, switches as on and off. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length ? value.join(', ') : 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value === '' ? 'empty' : String(value);
}

/**
 * Why a field may not stand in a quick block ("names another cell"); null where it may. Quick changes how much is
 * computed, never which cells, files or addresses a notebook uses.
 */
export function whyNotQuick(fields: Fields, key: string): string | null {
  const declared = fields[key];
  if (declared?.control === 'cell') return 'names another cell';
  if (declared?.control === 'cells') return 'names other cells';
  if (declared?.control === 'file') return 'names a file';
  if (Object.values(fields).some((other) => other.control === 'file' && other.addressField === key)) return 'is the address of a file';
  return declared?.onlyShown ? 'is only shown beside the result' : null;
}

/**
 * What a field is run with under Quick. Of what is counted (permutations, words) it is the fewer: who asks for fewer than
 * the quick block shall not wait for more. Everything else is as the block says.
 */
export function underQuick(declared: Field, quick: unknown, full: unknown): unknown {
  if (declared.control !== 'number' || !declared.counts) return quick;
  const amount = (value: unknown): number => (declared.zero && value === 0 ? Infinity : Number(value));
  return amount(quick) < amount(full) ? quick : full;
}

/** What Quick did to a field, in words: "200 of 10 000 permutations", "60 of all words", "layers last in place of all". */
export function quickWords(declared: Field, quick: unknown, full: unknown): string {
  if (declared.control === 'number' && declared.counts) {
    const number = (value: unknown): string => (value === 0 && declared.zero ? declared.zero : declared.integer ? count(Number(value)) : String(value));
    return `${number(quick)} of ${number(full)} ${declared.counts}`;
  }
  return `${declared.label.charAt(0).toLowerCase()}${declared.label.slice(1)} ${shown(quick)} in place of ${shown(full)}`;
}

/** The file that a field's value names; null where it is empty or one of the literal words. */
export function fileNamed({ literals }: FileField, value: unknown): string | null {
  const named = String(value ?? '');
  return named === '' || literals.includes(named) ? null : named;
}

/** Names of the cells that these parameters refer to, in the order of the fields. */
export function referencesOf(fields: Fields, params: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).flatMap(([key, declared]) => {
    const value = params[key];
    if (declared.control === 'cell' && typeof value === 'string' && !declared.literals.includes(value)) return [value];
    if (declared.control === 'cells' && Array.isArray(value)) return value as string[];
    return [];
  });
}
