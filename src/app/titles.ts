/** A notebook's title lives in its front matter; renaming changes that line and no other. */
import { writeValue } from '../notebook/body.ts';
import { formatVersion, parseNotebook } from '../notebook/document.ts';
import { setFrontMatter } from '../notebook/edit.ts';

/** The text under another title. */
export function withTitle(text: string, title: string): string {
  return setFrontMatter(parseNotebook(text), 'title', title);
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
