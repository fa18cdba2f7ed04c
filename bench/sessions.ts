/**
 * Hidden states of every layer, as an `activations` cell takes them, beside the feature-extraction pipeline of
 * transformers.js, which gives the last layer: one word at a time and in batches. The ways take turns in one run.
 */
import { AutoModel, env, FeatureExtractionPipeline, PreTrainedTokenizer } from '@huggingface/transformers';
import { openCompute } from '../src/gpu/compute.ts';
import { openModel } from '../src/models/activations.ts';
import { bundledFiles } from '../src/models/files.ts';
import { inspectModel } from '../src/models/inspect.ts';
import { loadRuntime } from '../src/models/runtime.ts';

export interface SessionOrder {
  /** Folder that holds the model's own folder, as an address ending in '/models/'. */
  readonly models: string;
  readonly id: string;
  readonly device: 'wasm' | 'webgpu';
  readonly texts: readonly string[];
  readonly rounds: number;
}

export interface SessionTimes {
  readonly layers: number;
  /** Words per second of every round, by way. */
  readonly speeds: Readonly<Record<string, readonly number[]>>;
  /** Largest difference between our last layer and the pipeline's, relative to its largest value. */
  readonly difference: number;
}

/** What the pipeline is given at once, as its users do. */
const batchSize = 32;

async function benchmark({ models, id, device, texts, rounds }: SessionOrder): Promise<SessionTimes> {
  await loadRuntime();
  const compute = device === 'webgpu' ? await openCompute({ backend: 'webgpu' }) : null;
  const files = bundledFiles(models.slice(0, -'models/'.length), id, null);
  const value = await inspectModel(files, { dtype: 'fp32' });
  const ours = await openModel(value, files, { device, compute });

  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = models;
  // pipeline() asks the hub which files a model has; from a folder its parts are put together by hand.
  const [tokenizer, model] = await Promise.all([tokenizerAt(`${models}${id}/`), AutoModel.from_pretrained(id, { dtype: 'fp32', device })]);
  const extract = new FeatureExtractionPipeline({ task: 'feature-extraction', model, tokenizer });

  const last: Float32Array[] = [];
  const ways: Readonly<Record<string, () => Promise<void>>> = {
    'pipeline, one word at a time': async () => {
      last.length = 0;
      for (const text of texts) last.push((await extract(text, { pooling: 'mean' })).data as Float32Array);
    },
    [`pipeline, ${batchSize} at once`]: async () => {
      for (let from = 0; from < texts.length; from += batchSize) await extract(texts.slice(from, from + batchSize), { pooling: 'mean' });
    },
    'activations, every layer': async () => {
      await ours.hiddenStates(texts, { templates: ['{word}'], pooling: 'mean' });
    },
  };
  const speeds: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round++) {
    for (const [way, work] of Object.entries(ways)) {
      const started = performance.now();
      await work();
      // The first round warms up.
      if (round >= 0) (speeds[way] ??= []).push(texts.length / ((performance.now() - started) / 1000));
    }
  }
  const difference = await differenceOf(ours, texts, last);
  await ours.dispose();
  await extract.dispose();
  return { layers: value.hiddenStates.length, speeds, difference };
}

async function tokenizerAt(folder: string): Promise<PreTrainedTokenizer> {
  const [json, config] = await Promise.all(['tokenizer.json', 'tokenizer_config.json'].map(async (file) => (await fetch(folder + file)).json() as Promise<Record<string, unknown>>));
  return new PreTrainedTokenizer(json!, config!);
}

/** The pipeline's mean counts the special tokens, so the session is asked for the same. */
async function differenceOf(ours: Awaited<ReturnType<typeof openModel>>, texts: readonly string[], last: readonly Float32Array[]): Promise<number> {
  let most = 0;
  let largest = 0;
  for (const [at, text] of texts.entries()) {
    const ids = ours.tokenizer.encode(text);
    const pooled = await ours.session.pooled({ batch: 1, tokens: ids.length, ids: [ids], padding: ours.tokenizer.padding }, new Float32Array(ids.length).fill(1));
    pooled.at(-1)!.forEach((number, k) => {
      most = Math.max(most, Math.abs(number - last[at]![k]!));
      largest = Math.max(largest, Math.abs(last[at]![k]!));
    });
  }
  return most / largest;
}

(window as unknown as { benchmark: typeof benchmark }).benchmark = benchmark;
