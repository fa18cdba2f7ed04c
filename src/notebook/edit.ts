/** Edits that forms and buttons make to a notebook's text. Each touches only the lines it is about. */
import type { Body, BodyValue } from './body.ts';
import { quickKey, writeValue } from './body.ts';
import { cellsOf, formatVersion, type Cell, type NotebookDocument } from './document.ts';

function lineEnding(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function splice(text: string, from: number, to: number, inserted: string): string {
  return text.slice(0, from) + inserted + text.slice(to);
}

/** Sets one parameter; comments behind it stay. `undefined` removes its line, so that the default holds again. */
export function setParameter(document: NotebookDocument, cell: Cell, key: string, value: BodyValue | undefined): string {
  return setEntry(document.text, cell.body, cell.inside, key, value);
}

/** Sets one entry of the front matter, which is made where there is none. */
export function setFrontMatter(document: NotebookDocument, key: string, value: BodyValue | undefined): string {
  const { text } = document;
  const front = document.segments.find((segment) => segment.type === 'front-matter');
  if (front) return setEntry(text, front.body, front.inside, key, value);
  if (value === undefined) return text;
  const lines = ['---', `sensorium: ${formatVersion}`, `${key}: ${writeValue(value)}`, '---', ''];
  return lines.join(lineEnding(text)) + text;
}

/** Turns Quick on or off. Off takes the line away again, unless a comment stands behind it. */
export function setQuick(document: NotebookDocument, on: boolean): string {
  const front = document.segments.find((segment) => segment.type === 'front-matter')?.body;
  // A block where the switch belongs is marked as a problem; it is not this edit's to throw away.
  if (document.quick === on || front?.quick) return document.text;
  const entry = front?.entries.find(({ key }) => key === quickKey);
  const commented = entry !== undefined && /^[ \t]*#/.test(document.text.slice(entry.at.to));
  return setFrontMatter(document, quickKey, on || (commented ? false : undefined));
}

/** The same for a range of flat YAML anywhere in the text. */
function setEntry(text: string, body: Body, inside: { from: number; to: number }, key: string, value: BodyValue | undefined): string {
  const entry = body.entries.find((candidate) => candidate.key === key);
  if (!entry) {
    if (value === undefined) return text;
    const end = lineEnding(text);
    const before = inside.to > inside.from && text[inside.to - 1] !== '\n' ? end : '';
    return splice(text, inside.to, inside.to, `${before}${key}: ${writeValue(value)}${end}`);
  }
  if (value === undefined) {
    const newline = text.indexOf('\n', Math.max(entry.at.from, entry.at.to - 1));
    return splice(text, entry.keyAt, newline < 0 ? text.length : newline + 1, '');
  }
  const written = writeValue(value);
  // "key:" with nothing behind it has an empty range right after the colon.
  const gap = entry.at.from === entry.at.to && text[entry.at.from - 1] === ':' ? ' ' : '';
  const multiline = text.slice(entry.at.from, entry.at.to).includes('\n');
  if (!multiline) return splice(text, entry.at.from, entry.at.to, gap + written);
  // A list written over several lines becomes one line behind its key.
  const colon = text.lastIndexOf(':', entry.at.from);
  const trailing = /\s*$/.exec(text.slice(entry.at.from, entry.at.to))?.[0] ?? '';
  return splice(text, colon + 1, entry.at.to - trailing.length, ` ${written}`);
}

/** Text of a new cell with the given parameters. */
export function cellText(kind: string, name: string, parameters: Readonly<Record<string, BodyValue>>): string {
  const lines = Object.entries(parameters).map(([key, value]) => `${key}: ${writeValue(value)}`);
  return ['```cell ' + kind + ' ' + name, ...lines, '```', ''].join('\n');
}

/** Inserts text as a block of its own before the segment at `index` (or at the end). */
export function insertBlock(document: NotebookDocument, index: number, block: string): string {
  const { text } = document;
  const end = lineEnding(text);
  const at = document.segments[index]?.from ?? text.length;
  const before = at === 0 || text.slice(0, at).endsWith(`${end}${end}`) ? '' : text[at - 1] === '\n' ? end : `${end}${end}`;
  const after = at === text.length || text.slice(at).startsWith(end) ? '' : end;
  return splice(text, at, at, before + block.replaceAll('\n', end) + after);
}

/** Removes a segment's lines. */
export function removeSegment(document: NotebookDocument, index: number): string {
  const segment = document.segments[index];
  return segment ? splice(document.text, segment.from, segment.to, '') : document.text;
}

/** Replaces a segment's text. */
export function replaceSegment(document: NotebookDocument, index: number, replacement: string): string {
  const segment = document.segments[index];
  return segment ? splice(document.text, segment.from, segment.to, replacement) : document.text;
}

/** A name for a new cell that no other cell has: rsa, rsa2, … */
export function freeName(document: NotebookDocument, kind: string): string {
  const taken = new Set(cellsOf(document).map((cell) => cell.name));
  for (let count = 1; ; count++) {
    const name = count === 1 ? kind : `${kind}${count}`;
    if (!taken.has(name)) return name;
  }
}
