/**
 * A tuned model as a zip of its own: the ONNX file with the adapters merged in, the files beside it, and what a folder
 * needs to be opened elsewhere or here again. Made in the compute worker.
 */
import { strToU8, zipSync } from 'fflate';
import { readModel } from '../../models/graph.ts';
import type { Export } from '../kind.ts';
import { openModelFiles } from '../model/files.ts';
import { cardLines, readmeFile } from './adapter-zip.ts';
import type { ModelValue } from '../../data/values.ts';

/** What tokenizers and configurations come in, whatever the model; those that there are go along. */
const others = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json', 'vocab.txt', 'vocab.json', 'merges.txt', 'tokenizer.model', 'spiece.model', 'sentencepiece.bpe.model'] as const;

/**
 * The zip; equal models give equal bytes.
 * @throws RangeError for a model that was not tuned, and Problems of reading and merging a model
 */
export const make: Export<'model'> = async (value, context) => {
  if (!value.tuned) throw new RangeError(`${value.label} is not a tuned model`);
  const files = openModelFiles(value, context);
  context.progress({ label: 'merging', done: 0, total: 0 });
  const { onnx } = await readModel(value, files, context);
  const folder = onnx.path.slice(0, onnx.path.lastIndexOf('/') + 1);
  const entries: Record<string, Uint8Array> = { [readmeFile]: strToU8(readme(value)) };
  for (const path of others) {
    const bytes = await files.readOptional(path, context);
    if (bytes) entries[path] = bytes;
  }
  entries[onnx.path] = onnx.index.bytes;
  for (const { path, data } of onnx.external) entries[folder + path] = data;
  context.signal.throwIfAborted();
  // Weights do not compress; the first date that a zip can bear.
  return new Blob([zipSync(entries, { level: 0, mtime: new Date(1980, 0, 1) })], { type: 'application/zip' });
};

function readme(value: ModelValue): string {
  const { tuned, onnxFile, dtype, label } = value;
  return `# ${label}

${tuned!.base.label} with low-rank adapters merged into its weights by Sensorium. It holds learnt numbers, and none of the
data they were learnt from. Licence and terms of the base model hold for it too.

${cardLines(value)}
## Use

- In Sensorium: drop the unpacked folder on the page, and name it in a \`model\` cell (\`source: local\`, \`dtype: ${dtype}\`).
- Elsewhere: \`${onnxFile}\` runs in ONNX Runtime and in transformers.js, with the tokenizer beside it.

The heads that answered the task are not part of it: they are in the adapter's zip.
`;
}
