/**
 * A tuned model's adapter as a zip, for Python and for an `adapter` cell: the two files that peft loads, the heads, the
 * card as sensorium.json, and a README made from it.
 *
 * It ships numbers that were learnt, counts and hashes, and nothing of what was learnt from: no word, sentence, rating, or
 * mean of ratings.
 */
import { strToU8, zipSync } from 'fflate';
import type { Adapter, TunedHead, TunedPart, Tuning, TuningCard } from '../../data/tuned.ts';
import type { ModelValue } from '../../data/values.ts';
import { headFile } from '../../tuning/files/archive.ts';
import { cardFile, writeCard } from '../../tuning/files/card.ts';
import { countsOf } from '../../tuning/files/counts.ts';
import { transposed, writePeft } from '../../tuning/files/peft.ts';
import { writeSafetensors } from '../../tuning/files/safetensors.ts';
import { counted, decimal, listed } from '../../ui/format.ts';
import { referenceOf, taskOf } from './wording.ts';

export const readmeFile = 'README.md';

/**
 * Equal models give equal bytes: every entry bears the first date that a zip can.
 * @throws RangeError for a model that was not tuned
 */
export async function adapterZip(value: ModelValue): Promise<Uint8Array<ArrayBuffer>> {
  const { tuned } = value;
  const last = tuned?.rounds.at(-1);
  if (!tuned || !last) throw new RangeError(`${value.label} is not a tuned model`);
  const adapters = together(tuned.rounds);
  return zipSync({
    [readmeFile]: strToU8(readme(value, tuned, last)),
    [cardFile]: await writeCard(value, Object.fromEntries(adapters.map(({ site, scale }) => [site.module, scale]))),
    ...writePeft(adapters, { base: baseName(value, tuned), dropout: Number(last.card.settings['dropout'] ?? 0) }),
    ...Object.fromEntries(last.heads.map((head) => [headFile(head.task), headTensors(head)])),
  // Weights do not compress.
  }, { level: 0, mtime: new Date(1980, 0, 1) });
}

/** Adapters of all rounds as one of each module: their sum is that of the stacked factors. */
function together(rounds: readonly Tuning[]): readonly Adapter[] {
  if (rounds.length === 1) return rounds[0]!.adapters;
  const modules = Map.groupBy(rounds.flatMap(({ adapters }) => adapters), ({ site }) => site.module);
  return [...modules.values()].map((parts) => {
    const { site } = parts[0]!;
    const rank = parts.reduce((sum, part) => sum + part.rank, 0);
    const a = new Float32Array(site.inputs * rank);
    const b = new Float32Array(rank * site.outputs);
    let at = 0;
    for (const part of parts) {
      for (let row = 0; row < site.inputs; row++) a.set(part.a.subarray(row * part.rank, (row + 1) * part.rank), row * rank + at);
      b.set(part.b.map((number) => part.scale * number), at * site.outputs);
      at += part.rank;
    }
    return { site, rank, scale: 1, a, b };
  });
}

/** Names as torch.nn.Linear has them. */
function headTensors({ weight, bias, scales }: TunedHead): Uint8Array<ArrayBuffer> {
  const answers = bias.length;
  const inputs = weight.length / answers;
  return writeSafetensors({
    tensors: { weight: { dims: [answers, inputs], data: transposed(weight, inputs, answers) }, bias: { dims: [answers], data: bias } },
    metadata: { format: 'pt', ...(scales.length > 0 ? { answers: scales.map(({ dimension }) => dimension).join(', ') } : {}) },
  });
}

function baseName({ source, id }: ModelValue, { base }: TunedPart): string {
  return source === 'local' ? base.label : id;
}

const pooled = { mean: 'the mean of the word’s or option’s own tokens', first: 'the first of the word’s or option’s own tokens', last: 'the last of the word’s or option’s own tokens', all: 'the mean of all tokens' } as const;

function readme(value: ModelValue, tuned: TunedPart, { card, heads, adapters }: Tuning): string {
  return `# ${value.label}

A low-rank adapter (LoRA), trained with Sensorium. It holds learnt numbers, and none of the data they were learnt from.

${cardLines(value)}${tuned.rounds.length > 1 ? '\nThe adapter is the sum of all rounds.\n' : ''}
## In Python

${python(value, tuned, adapters)}${heads.map((head) => headNote(card, head)).join('')}
## In Sensorium

An \`adapter\` cell takes this zip and the base model. \`${cardFile}\` holds what the lines above say, the losses of every
step, and hashes (SHA-256) of the words and questions that were trained or validated on, so that no test is made on them
unnoticed. Who has a word can ask whether it is among them. Ratings of words are nowhere in this file.
`;
}

/** What is known about a tuned model, as lines of Markdown, without any of the data. */
export function cardLines(value: ModelValue): string {
  const tuned = value.tuned!;
  const { card } = tuned.rounds.at(-1)!;
  const kept = card.validation.find(({ step }) => step === card.keptStep);
  const rounds = tuned.rounds.length;
  const head = `- Base model: ${tuned.base.label} (${baseName(value, tuned)}), revision ${tuned.base.revision}
- Revision of the tuned model: ${value.revision}
${card.imported ? `- It came from the file ${card.imported.file}\n` : ''}`;
  if (card.imported && card.parts.length === 0) return `${head}- How it was trained is not known: the file does not say\n`;
  return `${head}${card.parts.map((_, at) => partLines(card, at)).join('')}- Seed: ${card.seed}
- Steps: ${card.steps}${card.stoppedEarly ? ', stopped early' : ''}; weights of step ${card.keptStep} kept
- Trained numbers: ${card.parameters}
${kept ? `- Loss on validation: ${decimal(kept.loss, 4)}\n` : ''}- Device: ${card.device}
${(tuned.repeats ?? []).length > 0 ? `\nIt was trained ${tuned.repeats!.length + 1} times with other seeds on the same split; this is the first.\n` : ''}${rounds > 1 ? `\nThe model was tuned ${rounds} times; the lines above are about the last.\n` : ''}
Settings:

\`\`\`json
${JSON.stringify(card.settings, null, 2)}
\`\`\`
`;
}

function partLines(card: TuningCard, at: number): string {
  const part = card.parts[at]!;
  const { data, language, origin, dimensions, unit, dropped, test } = part;
  const counts = countsOf(card, at);
  return `- Task: ${taskOf(part)}
- Data: ${data}${language ? `, language ${language}` : ''}${origin ? `, ratings or answers: ${origin}` : ''}${dimensions.length > 0 ? `
- Dimensions: ${listed(dimensions)}` : ''}
- Split: ${counted(counts.train, unit)} trained on, ${counts.validation} validated on, ${counts.test} held out
- Left out: ${counted(dropped.reduce((sum, { words }) => sum + words.length, 0), unit)}
${test ? `- Loss on held-out data: ${decimal(test.loss, 4)} (${referenceOf(part)}: ${decimal(test.reference, 4)})\n` : ''}`;
}

function python(value: ModelValue, tuned: TunedPart, adapters: readonly Adapter[]): string {
  const name = baseName(value, tuned);
  // BertModel calls "encoder.layer.0..." what BertForMaskedLM calls "bert.encoder.layer.0...".
  const bare = adapters.some(({ site }) => /^(?:encoder|decoder|layers?|h|blocks?)\./.test(site.module));
  const loader = bare || !/^[A-Z]\w+$/.test(value.architecture) ? 'AutoModel' : value.architecture;
  return `\`\`\`python
from peft import PeftModel
from transformers import ${loader}

base = ${loader}.from_pretrained(${JSON.stringify(name)})
model = PeftModel.from_pretrained(base, "folder-of-this-file").eval()
\`\`\`

The base must be the PyTorch model from which the ONNX export was made. ${{
    hub: `Where ${name} holds ONNX files only, name the repository it was made from.`,
    local: 'Put the path of its folder in place of the name.',
    bundled: `This one ships with Sensorium; in its folder, \`python tools/model/weights.py --model public/models/${name} --out ${name}\` writes it as PyTorch weights.`,
  }[value.source]}
`;
}

function headNote({ settings }: TuningCard, { task, bias, scales }: TunedHead): string {
  const pooling = String(settings['pooling']);
  return `
The head reads the answer off the pooled last hidden state (${pooled[pooling as keyof typeof pooled] ?? pooling}):

\`\`\`python
import torch
from safetensors.torch import load_file

weights = load_file("folder-of-this-file/${headFile(task)}")
head = torch.nn.Linear(weights["weight"].shape[1], ${bias.length})
head.load_state_dict(weights)
# hidden = model(**tokens, output_hidden_states=True).hidden_states[-1], pooled to one row for each text
# answers = head(pooled)
\`\`\`

${task === 'rating'
    ? `Answers, in this order: ${scales.map(({ dimension }) => dimension).join(', ')}. They are z-scores over the ratings that were trained on; means and deviations of these are data and stay where they are.`
    : 'The answer is one score for each option; the highest is chosen.'}
`;
}
