/**
 * Models for readers who come without one: exports to ONNX that lie on the public hub, small enough for a browser.
 * Sizes are about right, reckoned from the number of parameters and the precision (November 2026): the hub itself was not
 * asked, and is asked before anything is downloaded.
 */
import type { ModelDtype } from '../inspect.ts';

export interface CuratedModel {
  readonly id: string;
  /** The precision that the list chooses: float32 where that is small, else what fits a browser. */
  readonly dtype: ModelDtype;
  /** What it is, a few words. */
  readonly what: string;
  /** About how many bytes are downloaded at that precision. */
  readonly bytes: number;
  readonly group: CuratedGroup;
}

export type CuratedGroup = 'sentences' | 'languages' | 'causal' | 'images';

/** What the models of a group have in common. */
export const curatedGroups: Readonly<Record<CuratedGroup, string>> = {
  sentences: 'Sentence encoders, English',
  languages: 'Encoders of many languages',
  causal: 'Causal models, which can also be asked for ratings',
  images: 'Trained on text with images',
};

const MB = 1e6;

export const curated: readonly CuratedModel[] = [
  { id: 'Xenova/all-MiniLM-L6-v2', dtype: 'fp32', what: 'the usual small sentence encoder, 6 layers', bytes: 91 * MB, group: 'sentences' },
  { id: 'Xenova/bge-small-en-v1.5', dtype: 'fp32', what: 'small and strong at retrieval, 12 layers', bytes: 134 * MB, group: 'sentences' },
  { id: 'Xenova/paraphrase-multilingual-MiniLM-L12-v2', dtype: 'q8', what: 'sentences of 50 languages, 12 layers', bytes: 136 * MB, group: 'languages' },
  { id: 'Xenova/multilingual-e5-small', dtype: 'q8', what: 'sentences of about 100 languages, 12 layers', bytes: 135 * MB, group: 'languages' },
  { id: 'Xenova/bert-base-multilingual-cased', dtype: 'q8', what: 'multilingual BERT, 104 languages, 12 layers', bytes: 182 * MB, group: 'languages' },
  { id: 'Xenova/xlm-roberta-base', dtype: 'q8', what: 'XLM-RoBERTa, 100 languages, 12 layers', bytes: 296 * MB, group: 'languages' },
  { id: 'HuggingFaceTB/SmolLM2-135M-Instruct', dtype: 'fp16', what: 'smallest of the instructed, English, 30 layers', bytes: 272 * MB, group: 'causal' },
  { id: 'HuggingFaceTB/SmolLM2-360M-Instruct', dtype: 'q4', what: 'its larger sibling, 32 layers', bytes: 391 * MB, group: 'causal' },
  { id: 'onnx-community/Qwen3-0.6B-ONNX', dtype: 'q4f16', what: 'many languages, 28 layers', bytes: 580 * MB, group: 'causal' },
  { id: 'onnx-community/gemma-3-270m-it-ONNX', dtype: 'q4', what: 'many languages, 18 layers, Google’s own terms of use', bytes: 800 * MB, group: 'causal' },
  { id: 'Xenova/clip-vit-base-patch32', dtype: 'fp32', what: 'CLIP, of which the text tower is used, English, 12 layers', bytes: 256 * MB, group: 'images' },
];
