/** Under which names the ONNX files of a model are to be looked for, by precision and by what the configuration tells of its parts. */
import type { ModelValue } from '../data/values.ts';

export type ModelDtype = ModelValue['dtype'];

/** How exporters for transformers.js name the precisions of one model; the first is the usual one. */
const suffixes: Readonly<Record<ModelDtype, readonly string[]>> = {
  fp32: [''],
  fp16: ['_fp16'],
  q8: ['_quantized', '_int8', '_uint8', '_q8'],
  q4: ['_q4', '_bnb4'],
  q4f16: ['_q4f16'],
};

/** Which part of a model a file holds, in the order in which they are looked for. */
const whole = ['model', 'decoder_model_merged', 'decoder_model', 'encoder_model', 'text_model'];

/** What the configuration tells about the parts of a model. */
export interface Parts {
  /** The encoder is the part that reads texts by itself. */
  readonly encoderDecoder: boolean;
  /** There is an image model beside the text model. */
  readonly towers: boolean;
}

function stemsOf({ encoderDecoder, towers }: Parts): readonly string[] {
  const first = encoderDecoder ? 'encoder_model' : towers ? 'text_model' : 'model';
  const rest = whole.filter((stem) => stem !== first && !(encoderDecoder && stem.startsWith('decoder')));
  return [first, ...rest];
}

/**
 * Paths to try, likely ones first: with the usual ending in onnx/ and beside config.json, then with other endings.
 * They are few, since each may cost a request.
 */
export function onnxCandidates(dtype: ModelDtype, parts: Parts): readonly string[] {
  const [usual, ...others] = suffixes[dtype];
  const stems = stemsOf(parts);
  return [
    ...stems.flatMap((stem) => [`onnx/${stem}${usual}.onnx`, `${stem}${usual}.onnx`]),
    ...others.flatMap((suffix) => stems.slice(0, 2).map((stem) => `onnx/${stem}${suffix}.onnx`)),
  ];
}

/**
 * The file of a precision among those that there are, in whatever folder; null where none is.
 * A single ONNX file whose name tells no precision is taken for any: exporters call it what they like.
 */
export function chooseOnnx(paths: readonly string[], dtype: ModelDtype, parts: Parts): string | null {
  const files = paths.filter((path) => path.endsWith('.onnx')).toSorted((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  for (const stem of stemsOf(parts)) {
    for (const suffix of suffixes[dtype]) {
      const named = files.find((path) => baseName(path) === `${stem}${suffix}`);
      if (named) return named;
    }
  }
  const [only, ...more] = files;
  return only !== undefined && more.length === 0 && precisionOf(only) === null ? only : null;
}

/** The precision that a file's name tells, null where it tells none. 'model.onnx' tells none either: it is usually fp32. */
export function precisionOf(path: string): ModelDtype | null {
  const name = baseName(path);
  for (const dtype of ['q4f16', 'fp16', 'q8', 'q4'] as const) if (suffixes[dtype].some((suffix) => name.endsWith(suffix))) return dtype;
  return null;
}

/** The ONNX file whose weights a file beside it holds: of model.onnx_data, model.onnx.data, model_q4.onnx_data_1; null of others. */
export function graphOfWeights(path: string): string | null {
  return /^(.*\.onnx)[._]data(?:_\d+)?$/i.exec(path)?.[1] ?? null;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.onnx$/, '');
}

function depth(path: string): number {
  return path.split('/').length;
}
