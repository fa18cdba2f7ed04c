/** The inside of a cell: flat YAML, each entry with its place, so that a form edit can change one line and no other. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, stringify, type Scalar } from 'yaml';
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
  readonly problems: readonly ProblemRecord[];
}

/**
 * Parses the flat YAML in a range of the notebook's text.
 * @param firstLine line of the notebook on which the range starts, for messages.
 */
export function parseBody(text: string, inside: Range, firstLine: number): Body {
  const parsed = parseSource(text.slice(inside.from, inside.to));
  return {
    entries: parsed.entries.map((entry) => ({
      ...entry,
      keyAt: entry.keyAt + inside.from,
      at: { from: entry.at.from + inside.from, to: entry.at.to + inside.from },
      line: entry.line + firstLine,
    })),
    values: parsed.values,
    problems: parsed.problems.map(({ line, what, fix }) => ({ code: 'cell-yaml', place: `line ${line + firstLine}`, what, fix })),
  };
}

/** A body by itself: offsets and lines count from its own start, lines from 0. */
interface Source {
  readonly entries: readonly Entry[];
  readonly values: Body['values'];
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
  if (!isMap(yaml.contents)) return { entries, values: {}, problems };

  for (const { key: keyNode, value: node } of yaml.contents.items) {
    if (!isScalar(keyNode) || !keyNode.range) continue;
    const key = String(keyNode.value);
    const keyAt = keyNode.range[0];
    const line = lineAt(keyAt);
    if (isScalar(node) && isPlain(node)) {
      entries.push({ key, keyAt, value: node.value as BodyScalar, at: rangeOf(node.range), line });
    } else if (isSeq(node) && node.items.every((item) => isScalar(item) && isPlain(item))) {
      entries.push({ key, keyAt, value: node.items.map((item) => (item as Scalar).value as BodyScalar), at: rangeOf(node.range), line });
    } else if (isAlias(node)) {
      flat(line, `${key} is *${node.source}, which YAML takes for a reference`, `Put it in quotes: ${key}: "*${node.source}".`);
    } else if (problems.length === 0) {
      flat(line, `${key} is neither a value nor a list`);
    }
  }
  return { entries, values: Object.fromEntries(entries.map((entry) => [entry.key, entry.value])), problems };
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
