/**
 * The page's blocks: a notebook's segments as the reader sees them. Blank prose is left out, a range that is being
 * edited is one editor whatever its text parses to, and every block keeps its key while the text around it changes.
 */
import type { Cell, NotebookDocument, Range } from '../notebook/document.ts';
import { parseNotebook } from '../notebook/document.ts';

export type Block =
  | { readonly type: 'prose'; readonly key: string; readonly index: number; readonly text: string; readonly range: Range }
  | { readonly type: 'editor'; readonly key: string; readonly index: number; readonly range: Range }
  | { readonly type: 'cell'; readonly key: string; readonly index: number; readonly cell: Cell };

/** A block before it has its key; `index` is the segment it begins in. */
type Bare = Block extends infer B ? (B extends Block ? Omit<B, 'key'> : never) : never;

/** The part of a range that is not white space; empty at its end when there is nothing else. */
export function trimmed(text: string, range: Range): Range {
  const part = text.slice(range.from, range.to);
  const lead = part.length - part.trimStart().length;
  const trail = part.length - part.trimEnd().length;
  return part.trim() ? { from: range.from + lead, to: range.to - trail } : { from: range.to, to: range.to };
}

/**
 * Lays a notebook out as blocks in page order.
 * @param editing range of prose that is open in an editor, in the document's text.
 */
export function layOut(document: NotebookDocument, editing: Range | null): Bare[] {
  const blocks: Bare[] = [];
  let placed = false;
  const prose = (index: number, from: number, to: number): void => {
    const range = trimmed(document.text, { from, to });
    if (range.to > range.from) blocks.push({ type: 'prose', index, text: document.text.slice(range.from, range.to), range });
  };
  const editor = (index: number): void => {
    if (placed || !editing) return;
    placed = true;
    blocks.push({ type: 'editor', index, range: editing });
  };
  document.segments.forEach((segment, index) => {
    if (segment.type === 'front-matter') return;
    const touches = editing && segment.from < Math.max(editing.to, editing.from + 1) && segment.to > editing.from;
    if (!touches) {
      if (editing && segment.from >= editing.to) editor(index);
      if (segment.type === 'cell') blocks.push({ type: 'cell', index, cell: segment });
      else prose(index, segment.from, segment.to);
      return;
    }
    if (segment.type === 'prose' && segment.from < editing.from) prose(index, segment.from, editing.from);
    editor(index);
    if (segment.type === 'prose' && segment.to > editing.to) prose(index, editing.to, segment.to);
  });
  editor(document.segments.length);
  return blocks;
}

function kin(a: Bare, b: Bare): boolean {
  if (a.type === 'cell' || b.type === 'cell') return a.type === b.type;
  // Prose keeps its key while it is edited, so that opening an editor moves nothing else.
  return true;
}

function same(a: Bare, b: Bare): boolean {
  if (a.type === 'cell' && b.type === 'cell') return a.cell.name === b.cell.name && a.cell.kind === b.cell.kind;
  return a.type === 'prose' && b.type === 'prose' && a.text === b.text;
}

/**
 * Gives every block a key: blocks that stayed what they were keep theirs, also when they moved; among the rest the
 * n-th cell or prose takes the key of the n-th that is gone.
 */
export function withKeys(previous: readonly Block[], next: readonly Bare[], fresh: () => string): Block[] {
  const keys = new Map<Bare, string>();
  let left = [...previous];
  for (const match of [same, kin]) {
    for (const block of next) {
      if (keys.has(block)) continue;
      const found = left.find((old) => match(old, block));
      if (!found) continue;
      keys.set(block, found.key);
      left = left.filter((old) => old !== found);
    }
  }
  return next.map((block) => ({ ...block, key: keys.get(block) ?? fresh() }) as Block);
}

/** Whether every fence that the text opens is closed in it. Half-typed fences would swallow all that follows. */
export function fencesClosed(text: string): boolean {
  const probe = 'fences-closed-probe';
  const last = parseNotebook(`${text}\n\`\`\`cell x ${probe}\n\`\`\`\n`).segments.at(-1);
  return last?.type === 'cell' && last.name === probe;
}

/**
 * Moves a block past its neighbour.
 * @returns the new text, or null when the two cannot change places.
 */
export function moveBlock(document: NotebookDocument, blocks: readonly Block[], key: string, step: -1 | 1): string | null {
  const at = blocks.findIndex((block) => block.key === key);
  const [first, second] = [blocks[Math.min(at, at + step)], blocks[Math.max(at, at + step)]];
  if (at < 0 || !first || !second) return null;
  const { text } = document;
  const [upper, lower] = [rangeOf(first, text), rangeOf(second, text)];
  const part = (range: Range): string => text.slice(range.from, range.to);
  const between = text.slice(upper.to, lower.from);
  // Two blocks need a blank line between them in either order.
  const gap = /\n\r?\n/.test(between) ? between : '\n\n';
  const moved = text.slice(0, upper.from) + part(lower) + gap + part(upper) + text.slice(lower.to);
  const cells = (given: string): number => parseNotebook(given).segments.filter((segment) => segment.type === 'cell').length;
  return cells(moved) === cells(text) ? moved : null;
}

/** Where a block's own text lies, without the blank lines around it. */
export function rangeOf(block: Block, text: string): Range {
  return block.type === 'cell' ? trimmed(text, block.cell) : block.range;
}

/** The text without a block, and without the blank lines that stood before it. */
export function withoutBlock(text: string, block: Block): string {
  const { from, to } = rangeOf(block, text);
  const before = text.slice(0, from).trimEnd();
  const after = text.slice(to).trimStart();
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  if (!after) return `${before}${end}`;
  return before ? `${before}${end}${end}${after}` : after;
}
