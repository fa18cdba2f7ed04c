/**
 * sensorium.json: what a tuned model's card says, beside the adapter's own files, for import. It holds counts, settings,
 * losses and hashes, and nothing of what was learnt from: no word, sentence or question, no rating, no mean of ratings.
 */
import * as v from 'valibot';
import { Problem } from '../../base/problem.ts';
import type { TaskCard, TunedHead, TuningCard } from '../../data/tuned.ts';
import type { ModelValue } from '../../data/values.ts';
import { countsOf } from './counts.ts';
import { seenHashes } from './seen.ts';

export const cardFile = 'sensorium.json';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());
const texts = v.array(v.string());
const task = v.picklist(['rating', 'choice', 'text']);
const losses = v.array(v.object({ step: count, loss: finite }));
const counts = v.object({ train: count, validation: count, test: count });

const part = v.object({
  task,
  form: v.picklist(['head', 'prompt', 'likelihood']),
  share: finite,
  data: v.string(),
  origin: v.nullable(v.picklist(['human', 'illustrative', 'model'])),
  language: v.string(),
  dimensions: texts,
  heldOut: texts,
  unit: v.string(),
  /** See TaskCard; absent in files whose hashes are of the words alone, without translations. */
  formLanguages: v.optional(texts, []),
  counts,
  validation: losses,
  test: v.nullable(v.object({ loss: finite, reference: finite })),
});

const schema = v.object({
  format: v.literal('sensorium-adapter'),
  version: v.literal(1),
  label: v.string(),
  /** Of the tuned model. */
  revision: v.string(),
  base: v.object({ label: v.string(), source: v.picklist(['bundled', 'hub', 'local']), id: v.string(), revision: v.string(), dtype: v.string(), onnxFile: v.string(), architecture: v.string() }),
  /** Trainings that the adapter is the sum of. */
  rounds: v.pipe(count, v.minValue(1)),
  /** Of each module, exactly: lora_alpha / rank is rounded. */
  scales: v.record(v.string(), finite),
  /** What each head answers, in order; empty for questions. */
  heads: v.array(v.object({ task: v.picklist(['rating', 'choice']), answers: texts })),
  card: v.object({
    base: v.string(), seed: count, settings: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), parameters: count,
    history: v.array(v.object({ step: count, loss: finite, task })), validation: losses, parts: v.array(part),
    steps: count, keptStep: count, stoppedEarly: v.boolean(), device: v.string(), seconds: finite,
  }),
  /** See seenHashes. */
  seen: v.nullable(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256')))),
});

/** What sensorium.json says. */
export type AdapterCard = v.InferOutput<typeof schema>;

/**
 * The card of a tuned model as text. What goes in is named one by one, so that nothing comes along unasked.
 * @throws RangeError for a model that was not tuned
 */
export async function writeCard(value: ModelValue, scales: AdapterCard['scales']): Promise<Uint8Array<ArrayBuffer>> {
  const { tuned, label, revision, source, id, dtype, onnxFile, architecture } = value;
  const last = tuned?.rounds.at(-1);
  if (!tuned || !last) throw new RangeError(`${label} is not a tuned model`);
  const { base, seed, settings, parameters, history, validation, steps, keptStep, stoppedEarly, device, seconds } = last.card;
  const card: AdapterCard = {
    format: 'sensorium-adapter', version: 1, label, revision,
    base: { label: tuned.base.label, source, id, revision: tuned.base.revision, dtype, onnxFile, architecture },
    rounds: tuned.rounds.reduce((sum, { card: { imported } }) => sum + (imported?.rounds ?? 1), 0), scales,
    heads: last.heads.map(({ task: asked, scales: answers }) => ({ task: asked, answers: answers.map(({ dimension }) => dimension) })),
    card: {
      base, seed, settings, parameters, steps, keptStep, stoppedEarly, device, seconds,
      history: history.map((point) => ({ step: point.step, loss: point.loss, task: point.task })),
      validation: validation.map(lossAt),
      parts: last.card.parts.map((one, at) => ({
        task: one.task, form: one.form, share: one.share, data: one.data, origin: one.origin, language: one.language, dimensions: [...one.dimensions], heldOut: [...one.heldOut], unit: one.unit, formLanguages: [...one.formLanguages],
        counts: countsOf(last.card, at), validation: one.validation.map(lossAt), test: one.test && { loss: one.test.loss, reference: one.test.reference },
      })),
    },
    seen: (await seenHashes(tuned))?.slice() ?? null,
  };
  return new TextEncoder().encode(`${JSON.stringify(card, null, 1)}\n`);
}

const lossAt = ({ step, loss }: TaskCard['validation'][number]): { step: number; loss: number } => ({ step, loss });

/** Reads sensorium.json. Throws Problem `adapter-card-unreadable` that names the key. */
export function readCard(bytes: Uint8Array, file: string): AdapterCard {
  const place = `${file}, ${cardFile}`;
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw unreadable(place, 'it is not JSON', 'Export the adapter again, or take this file out of the zip: the adapter is then read without its card.');
  }
  const version = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)['version'] : undefined;
  if (typeof version === 'number' && version > 1) throw unreadable(place, `version is ${version}, and this Sensorium reads 1`, 'Open it with a newer Sensorium, or take this file out of the zip: the adapter is then read without its card.');
  const parsed = v.safeParse(schema, data);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw unreadable(place, `${v.getDotPath(issue) ?? 'it'}: ${issue.message}`, 'Export the adapter again, or take this file out of the zip: the adapter is then read without its card.');
}

/** The card of a tuning that came from a file. Its sides are empty: the file holds counts and hashes. */
export function importedCard({ card, seen, rounds }: AdapterCard, file: string): TuningCard {
  return {
    ...card,
    parts: card.parts.map(({ counts: _counts, ...one }): TaskCard => ({ ...one, sides: { train: [], validation: [], test: [] }, seenForms: { train: [], validation: [] }, dropped: [] })),
    imported: { file, seen, rounds, counts: card.parts.map((one) => one.counts) },
  };
}

/** Heads answer in z-scores: offset and factor are means and deviations of ratings, which no file holds. */
export function importedScales(answers: readonly string[]): TunedHead['scales'] {
  return answers.map((dimension) => ({ dimension, offset: 0, factor: 1 }));
}

function unreadable(place: string, what: string, fix: string): Problem {
  return new Problem({ code: 'adapter-card-unreadable', place, what, fix });
}
