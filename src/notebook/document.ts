/**
 * A notebook's text as segments: front matter, prose and fenced cells, each with its place in the text. The text is the
 * truth; segments only point into it, so that writing a parsed notebook gives the same bytes.
 */
import type { ProblemRecord } from '../base/problem.ts';
import { parseBody, quickKey, type Body } from './body.ts';

/** A half-open range of UTF-16 offsets into the notebook's text. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface FrontMatter extends Range {
  readonly type: 'front-matter';
  /** The lines between its rules. */
  readonly inside: Range;
  readonly body: Body;
}

export interface Prose extends Range {
  readonly type: 'prose';
  readonly text: string;
}

/** A fenced cell. Its kind and name are as written; whether they mean something is the graph's business. */
export interface Cell extends Range {
  readonly type: 'cell';
  readonly kind: string;
  readonly name: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** The lines between the fences. */
  readonly inside: Range;
  readonly body: Body;
  /** What is wrong with the fence or the body itself. */
  readonly problems: readonly ProblemRecord[];
}

export type Segment = FrontMatter | Prose | Cell;

export interface NotebookDocument {
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly title: string;
  /** Version of the notebook format; null when the front matter does not say. */
  readonly version: number | null;
  /** Whether cells use the values of their `quick` block. */
  readonly quick: boolean;
  readonly problems: readonly ProblemRecord[];
}

/** The newest notebook format this code reads. */
export const formatVersion = 1;

const fencePattern = /^ {0,3}(?<marks>`{3,}|~{3,})[ \t]*(?<info>[^\r\n]*)$/;
const namePattern = /^[A-Za-z][A-Za-z0-9_-]*$/;

interface Line extends Range {
  /** Without its line ending. */
  readonly text: string;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let from = 0;
  while (from < text.length) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline + 1;
    lines.push({ from, to, text: text.slice(from, to).replace(/\r?\n$/, '') });
    from = to;
  }
  return lines;
}

/** Index of the line that closes a fence opened at `start`, or the number of lines when nothing does. */
function closingLine(lines: readonly Line[], start: number, marks: string): number {
  for (let index = start + 1; index < lines.length; index++) {
    const closing = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(lines[index]!.text)?.[1];
    if (closing && closing[0] === marks[0] && closing.length >= marks.length) return index;
  }
  return lines.length;
}

function fenceProblems(kind: string, name: string, rest: readonly string[], line: number, closed: boolean): ProblemRecord[] {
  const place = `line ${line}`;
  const problems: ProblemRecord[] = [];
  if (!kind || !name || rest.length > 0) {
    problems.push({ code: 'cell-fence', place, what: `the fence says "cell ${[kind, name, ...rest].filter(Boolean).join(' ')}"`, fix: 'Write the kind and one name: cell rsa gap.' });
  } else if (!namePattern.test(name)) {
    problems.push({ code: 'cell-name', place, what: `${name} is not a cell name`, fix: 'Use letters, digits, - and _, starting with a letter.' });
  }
  if (!closed) problems.push({ code: 'cell-unclosed', place, what: `cell ${name} is never closed`, fix: 'End it with a line of the same fence marks.' });
  return problems;
}

/** Parses a notebook. Never throws: what is wrong is listed in `problems` of the document and of each cell. */
export function parseNotebook(text: string): NotebookDocument {
  const lines = linesOf(text);
  const segments: Segment[] = [];
  let proseFrom = 0;
  const closeProse = (to: number): void => {
    if (to > proseFrom) segments.push({ type: 'prose', from: proseFrom, to, text: text.slice(proseFrom, to) });
  };

  let index = 0;
  if (/^\uFEFF?---[ \t]*$/.test(lines[0]?.text ?? '')) {
    const end = lines.findIndex((line, at) => at > 0 && /^---[ \t]*$/.test(line.text));
    if (end > 0) {
      const inside = { from: lines[0]!.to, to: lines[end]!.from };
      segments.push({ type: 'front-matter', from: 0, to: lines[end]!.to, inside, body: parseBody(text, inside, 2) });
      proseFrom = lines[end]!.to;
      index = end + 1;
    }
  }

  while (index < lines.length) {
    const line = lines[index]!;
    const fence = fencePattern.exec(line.text)?.groups;
    if (!fence) {
      index += 1;
      continue;
    }
    const marks = fence['marks']!;
    // CommonMark: behind backticks the info string has none, else it is code within a line.
    if (marks.startsWith('`') && fence['info']!.includes('`')) {
      index += 1;
      continue;
    }
    const end = closingLine(lines, index, marks);
    const words = fence['info']!.split(/[ \t]+/).filter(Boolean);
    if (words[0] === 'cell') {
      closeProse(line.from);
      const [, kind = '', name = '', ...rest] = words;
      const closed = end < lines.length;
      const to = closed ? lines[end]!.to : text.length;
      const inside = { from: line.to, to: closed ? lines[end]!.from : text.length };
      const body = parseBody(text, inside, index + 2);
      segments.push({
        type: 'cell', kind, name, from: line.from, to, line: index + 1, inside, body,
        problems: [...fenceProblems(kind, name, rest, index + 1, closed), ...body.problems],
      });
      proseFrom = to;
    }
    index = end + 1;
  }
  closeProse(text.length);

  return { text, segments, ...describe(segments) };
}

function describe(segments: readonly Segment[]): Pick<NotebookDocument, 'title' | 'version' | 'quick' | 'problems'> {
  const front = segments.find((segment) => segment.type === 'front-matter');
  const values = front?.body.values ?? {};
  const version = typeof values['sensorium'] === 'number' ? values['sensorium'] : null;
  const heading = segments.flatMap((segment) => (segment.type === 'prose' ? [/^#\s+(.+?)\s*#*\s*$/m.exec(segment.text)?.[1]] : [])).find(Boolean);
  const title = typeof values['title'] === 'string' ? values['title'] : (heading ?? 'Untitled');
  const problems: ProblemRecord[] = [...(front?.body.problems ?? [])];
  if (version === null) {
    problems.push({ code: 'no-format', place: 'line 1', what: 'the notebook does not say its format', fix: 'Begin it with three lines: ---, sensorium: 1, ---.' });
  } else if (version > formatVersion) {
    problems.push({ code: 'newer-format', place: 'line 2', what: `sensorium is ${version}, newer than ${formatVersion}`, fix: 'Open it with a newer Sensorium; nothing is run here.' });
  }
  const quick = values[quickKey] ?? false;
  const quickEntry = front?.body.entries.find(({ key }) => key === quickKey) ?? front?.body.quick;
  if (quickEntry && (typeof quick !== 'boolean' || front?.body.quick)) {
    const written = front?.body.quick ? 'a block of values' : JSON.stringify(quick);
    problems.push({ code: 'quick', place: `line ${quickEntry.line}`, what: `quick is ${written}, should be true or false`, fix: 'Here it is the switch of the whole notebook; the values stand in the quick block of each cell.' });
  }
  return { title, version, quick: quick === true, problems };
}

/** The notebook's bytes: always exactly the text that was parsed. */
export function serialiseNotebook(document: NotebookDocument): string {
  return document.segments.map((segment) => document.text.slice(segment.from, segment.to)).join('');
}

/** The cells in page order. */
export function cellsOf(document: NotebookDocument): Cell[] {
  return document.segments.filter((segment) => segment.type === 'cell');
}
