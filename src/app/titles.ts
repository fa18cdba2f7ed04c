/** A notebook's title lives in its front matter; renaming changes that line and no other. */
import { writeValue } from '../notebook/body.ts';
import { formatVersion, parseNotebook } from '../notebook/document.ts';

/** The text under another title. */
export function withTitle(text: string, title: string): string {
  const front = parseNotebook(text).segments.find((segment) => segment.type === 'front-matter');
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const line = `title: ${writeValue(title)}`;
  if (!front) return `---${end}sensorium: ${formatVersion}${end}${line}${end}---${end}${text}`;
  const entry = front.body.entries.find(({ key }) => key === 'title');
  if (entry) return text.slice(0, entry.keyAt) + line + text.slice(entry.at.to);
  const close = text.lastIndexOf('---', front.to - 1);
  return `${text.slice(0, close)}${line}${end}${text.slice(close)}`;
}

/** Text of a new notebook. */
export function newNotebook(title: string): string {
  return `---\nsensorium: ${formatVersion}\ntitle: ${writeValue(title)}\n---\n# ${title}\n\nWrite here, and add cells below.\n`;
}

/** A file name for a title: "The study: fine-tuning" gives "the-study-fine-tuning.md". */
export function fileNameOf(title: string): string {
  const plain = title.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-+|-+$/g, '');
  return `${plain.slice(0, 80) || 'notebook'}.md`;
}
