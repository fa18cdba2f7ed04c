/** The inside of a cell: flat YAML, each entry with its place, so that a form edit can change one line and no other. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, stringify, type Scalar } from 'yaml';
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
  const source = text.slice(inside.from, inside.to);
  const counter = new LineCounter();
  const yaml = parseDocument(source, { lineCounter: counter, prettyErrors: false, uniqueKeys: true, merge: false, schema: 'core' });
  const lineAt = (offset: number): number => firstLine + counter.linePos(offset).line - 1;
  const problems: ProblemRecord[] = yaml.errors.map((error) => ({
    code: 'cell-yaml',
    place: `line ${lineAt(error.pos[0])}`,
    what: error.message.charAt(0).toLowerCase() + error.message.slice(1),
    fix: 'Write one "name: value" on each line.',
  }));
  const entries: Entry[] = [];
  const flat = (line: number, what: string): void => {
    problems.push({ code: 'cell-yaml', place: `line ${line}`, what, fix: 'Cells are flat: a value is a word, a number, or a list [a, b].' });
  };

  if (problems.length === 0 && yaml.contents !== null && !isMap(yaml.contents)) {
    flat(firstLine, `the cell says ${JSON.stringify(source.trim().slice(0, 40))}, no "name: value"`);
  }
  if (isMap(yaml.contents)) {
    for (const pair of yaml.contents.items) {
      if (!isScalar(pair.key) || !pair.key.range) continue;
      const key = String(pair.key.value);
      const line = lineAt(pair.key.range[0]);
      const keyAt = inside.from + pair.key.range[0];
      const node = pair.value;
      const plain = (scalar: Scalar): boolean => scalar.value === null || ['string', 'number', 'boolean'].includes(typeof scalar.value);
      if (isScalar(node) && plain(node)) {
        entries.push({ key, keyAt, value: node.value as BodyScalar, at: shift(node.range, inside.from), line });
      } else if (isSeq(node) && node.items.every((item) => isScalar(item) && plain(item))) {
        entries.push({ key, keyAt, value: node.items.map((item) => (item as Scalar).value as BodyScalar), at: shift(node.range, inside.from), line });
      } else {
        flat(line, `${key} is neither a value nor a list`);
      }
    }
  }
  return { entries, values: Object.fromEntries(entries.map((entry) => [entry.key, entry.value])), problems };
}

function shift(range: readonly [number, number, number] | null | undefined, by: number): Range {
  return range ? { from: by + range[0], to: by + range[1] } : { from: by, to: by };
}

/** A value as one line of YAML: lists in brackets, text quoted only where it must be. */
export function writeValue(value: BodyValue): string {
  const line = stringify(value, { collectionStyle: 'flow', lineWidth: 0, schema: 'core', flowCollectionPadding: false, defaultStringType: 'PLAIN' }).trimEnd();
  // A block scalar would take more than the one line that an edit may touch.
  return line.includes('\n') ? JSON.stringify(value) : line;
}
