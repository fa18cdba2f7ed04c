/** Hands a file to the reader. */
import { unparse } from './csv.ts';

/** Saves content under a name through the browser's download. */
export function download(name: string, content: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download keeps its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Saves a header and rows as UTF-8 csv. */
export function downloadCsv(name: string, header: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  download(`${name}.csv`, unparse(header, rows), 'text/csv;charset=utf-8');
}
