/**
 * The inside of a cell: flat YAML, each entry with its place, so that a form edit can change one line and no other. One
 * key may hold a mapping of such entries: `quick`.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, stringify, type Scalar, type YAMLMap } from 'yaml';
import type { ProblemRecord } from '../base/problem.ts';
import type { Range } from './document.ts';

/** One `key: value` of a body. */
export interface Entry {
  readonly key: string;
  readonly value: BodyValue;
  /** Offset of the key. */
  readonly keyAt: number;
  /** Offsets of the value in the notebook's text; empty where nothing is written after the colon. */
  readonly at: Range;
  /** Line of the key in the notebook, from 1. */
  readonly line: number;
}

export type BodyScalar = string | number | boolean | null;
export type BodyValue = BodyScalar | readonly BodyScalar[];

export interface Body {
  readonly entries: readonly Entry[];
  /** Entries as a record. */
  readonly values: Readonly<Record<string, BodyValue>>;
  /** What the mapping under `quick` holds, on one line or on several; null where there is none. */
  readonly quick: QuickBlock | null;
  readonly problems: readonly ProblemRecord[];
}

export interface QuickBlock {
  /** Line of the word `quick`, from 1. */
  readonly line: number;
  readonly entries: readonly Entry[];
}

/** The one key whose value may be a mapping. */
export const quickKey = 'quick';

/**
 * Parses the flat YAML in a range of the notebook's text.
 * @param firstLine line of the notebook on which the range starts, for messages.
 */
export function parseBody(text: string, inside: Range, firstLine: number): Body {
  const parsed = parseSource(text.slice(inside.from, inside.to));
  const placed = (entry: Entry): Entry => ({
    ...entry,
    keyAt: entry.keyAt + inside.from,
    at: { from: entry.at.from + inside.from, to: entry.at.to + inside.from },
    line: entry.line + firstLine,
  });
  return {
    entries: parsed.entries.map(placed),
    values: parsed.values,
    quick: parsed.quick && { line: parsed.quick.line + firstLine, entries: parsed.quick.entries.map(placed) },
    problems: parsed.problems.map(({ line, what, fix }) => ({ code: 'cell-yaml', place: `line ${line + firstLine}`, what, fix })),
  };
}

/** A body by itself: offsets and lines count from its own start, lines from 0. */
interface Source {
  readonly entries: readonly Entry[];
  readonly values: Body['values'];
  readonly quick: QuickBlock | null;
  readonly problems: readonly { readonly line: number; readonly what: string; readonly fix: string }[];
}

/** Every keystroke parses the whole notebook, and only one cell's source is new: the others are looked up. */
const known = new Map<string, Source>();
const mostKnown = 2000;

function parseSource(source: string): Source {
  const before = known.get(source);
  if (before) return before;
  if (known.size >= mostKnown) known.clear();
  const parsed = readYaml(source);
  known.set(source, parsed);
  return parsed;
}

function readYaml(source: string): Source {
  const counter = new LineCounter();
  const yaml = parseDocument(source, { lineCounter: counter, prettyErrors: false, uniqueKeys: true, merge: false, schema: 'core' });
  const lineAt = (offset: number): number => counter.linePos(offset).line - 1;
  const entries: Entry[] = [];
  const problems: { line: number; what: string; fix: string }[] = [];
  const flat = (line: number, what: string, fix = 'Cells are flat: a value is a word, a number, or a list [a, b].'): void => {
    problems.push({ line, what, fix });
  };
  for (const error of yaml.errors) {
    flat(lineAt(error.pos[0]), error.message.charAt(0).toLowerCase() + error.message.slice(1), 'Write one "name: value" on each line; put text that starts with * or & or holds ": " in quotes.');
  }
  if (problems.length === 0 && yaml.contents !== null && (!isMap(yaml.contents) || yaml.contents.flow === true)) {
    flat(0, `the cell says ${JSON.stringify(source.trim().slice(0, 40))}, not one "name: value" on each line`);
  }
  if (!isMap(yaml.contents)) return { entries, values: {}, quick: null, problems };

  // Assigned within `take`, where TypeScript does not look.
  let quick = null as QuickBlock | null;
  const take = (map: YAMLMap, into: Entry[]): void => {
    for (const { key: keyNode, value: node } of map.items) {
      if (!isScalar(keyNode) || !keyNode.range) continue;
      const key = String(keyNode.value);
      const keyAt = keyNode.range[0];
      const line = lineAt(keyAt);
      if (isScalar(node) && isPlain(node)) {
        into.push({ key, keyAt, value: node.value as BodyScalar, at: rangeOf(node.range), line });
      } else if (node === null && into !== entries) {
        // A flow mapping may hold a bare word: {sample}.
        into.push({ key, keyAt, value: null, at: rangeOf(keyNode.range), line });
      } else if (isSeq(node) && node.items.every((item) => isScalar(item) && isPlain(item))) {
        into.push({ key, keyAt, value: node.items.map((item) => (item as Scalar).value as BodyScalar), at: rangeOf(node.range), line });
      } else if (isAlias(node)) {
        flat(line, `${key} is *${node.source}, which YAML takes for a reference`, `Put it in quotes: ${key}: "*${node.source}".`);
      } else if (key === quickKey && into === entries && isMap(node)) {
        const held: Entry[] = [];
        take(node, held);
        quick = { line, entries: held };
      } else if (problems.length === 0) {
        flat(line, `${key} is neither a value nor a list`);
      }
    }
  };
  take(yaml.contents, entries);
  return { entries, values: Object.fromEntries(entries.map((entry) => [entry.key, entry.value])), quick, problems };
}

function isPlain(scalar: Scalar): boolean {
  return scalar.value === null || ['string', 'number', 'boolean'].includes(typeof scalar.value);
}

function rangeOf(range: readonly [number, number, number] | null | undefined): Range {
  return range ? { from: range[0], to: range[1] } : { from: 0, to: 0 };
}

/** A value as one line of YAML: lists in brackets, text quoted only where it must be. */
export function writeValue(value: BodyValue): string {
  const line = stringify(value, { collectionStyle: 'flow', lineWidth: 0, schema: 'core', flowCollectionPadding: false, defaultStringType: 'PLAIN' }).trimEnd();
  // A block scalar would take more than the one line that an edit may touch.
  return line.includes('\n') ? JSON.stringify(value) : line;
}
