/** The tables of docs/layers.md: one row per architecture, one column per kind of export, the error of the worst layer in each cell. */

export interface Row {
  readonly architecture: string;
  readonly export: string;
  /** Blocks. */
  readonly layers: number;
  /** Relative error of the worst layer. */
  readonly error: number;
}

/** Names of the architectures as people know them. */
const names: Readonly<Record<string, string>> = {
  bert: 'BERT', roberta: 'RoBERTa', distilbert: 'DistilBERT', modernbert: 'ModernBERT', albert: 'ALBERT (shared layers)', mpnet: 'MPNet',
  'deberta-v2': 'DeBERTa-v2', electra: 'ELECTRA', t5: 'T5 encoder', clip: 'CLIP text tower', gpt2: 'GPT-2', 'gpt-neox': 'GPT-NeoX (parallel blocks)',
  phi: 'Phi (parallel blocks)', falcon: 'Falcon (parallel blocks)', opt: 'OPT', bloom: 'BLOOM', llama: 'Llama', qwen3: 'Qwen3', gemma3: 'Gemma 3',
};

/** Columns, and what each is called. */
const full = { torchscript: 'TorchScript', dynamo: 'dynamo', ort: 'ORT-fused', fill_mask: 'fill-mask', sentence: 'sentence', past: 'with cache', merged: 'merged', genai: 'genai' };
const reduced = { fp16: 'fp16', q8: 'q8', q4: 'q4', q4f16: 'q4f16', bnb4: 'bnb4', genai_q4f16: 'genai q4f16' };

const start = '<!-- tables: made by test/models/architectures.test.ts -->';
const end = '<!-- end of tables -->';

/** Both tables as Markdown: float32 weights, then reduced ones. Throws for a row of an export that has no column. */
export function tables(rows: readonly Row[]): string {
  const unknown = rows.find((row) => !(row.export in full) && !(row.export in reduced));
  if (unknown) throw new Error(`no column for the export ${unknown.export}`);
  return `${table(rows, full)}\n\nWeights in fewer bits:\n\n${table(rows, reduced)}`;
}

function table(rows: readonly Row[], columns: Readonly<Record<string, string>>): string {
  const lines = [`| architecture | blocks | ${Object.values(columns).join(' | ')} |`, `| --- | ---: |${' ---: |'.repeat(Object.keys(columns).length)}`];
  for (const architecture of new Set(rows.map((row) => row.architecture))) {
    const own = rows.filter((row) => row.architecture === architecture);
    const cells = Object.keys(columns).map((column) => own.find((row) => row.export === column)?.error.toExponential(1) ?? '');
    lines.push(`| ${names[architecture] ?? architecture} | ${own[0]!.layers} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}

/** The tables that a page has. Throws where it has no place for them. */
export function tablesOf(page: string): string {
  const [from, to] = placeIn(page);
  return page.slice(from, to).replaceAll('\r', '').trim();
}

/** The page with these tables in place of the ones it has. Throws where it has no place for them. */
export function withTables(page: string, made: string): string {
  const [from, to] = placeIn(page);
  return `${page.slice(0, from)}\n\n${made}\n\n${page.slice(to)}`;
}

/** From where to where the tables of a page stand. */
function placeIn(page: string): readonly [number, number] {
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${start} ... ${end}`);
  return [from + start.length, to];
}
