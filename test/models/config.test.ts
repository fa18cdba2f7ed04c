/** config.json of many kinds of model says the same things under other names; and where the ONNX file is looked for. */
import { expect, test } from 'vitest';
import { chooseOnnx, onnxCandidates, precisionOf } from '../../src/models/candidates.ts';
import { readConfig, type ModelConfig } from '../../src/models/config.ts';
import { localFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { tinyTransformer, transformerConfig } from './tiny-transformer.ts';

const read = (config: object): Promise<ModelConfig> => readConfig(localFiles('some', new Map([['config.json', new Blob([JSON.stringify(config)])]])));

/** As the models' own files have it, shortened to what is read. */
const known: Readonly<Record<string, readonly [config: object, expected: Partial<ModelConfig>]>> = {
  T5: [{ model_type: 't5', is_encoder_decoder: true, d_model: 512, num_layers: 6, num_decoder_layers: 8, num_heads: 8, d_kv: 64, n_positions: 512 }, { hiddenSize: 512, layers: 6, headSize: 64, contextLength: 512, encoderDecoder: true }],
  mT5: [{ model_type: 'mt5', is_encoder_decoder: true, d_model: 512, num_layers: 8, num_heads: 6, d_kv: 64 }, { layers: 8, contextLength: 512 }],
  BART: [{ model_type: 'bart', is_encoder_decoder: true, d_model: 768, encoder_layers: 3, decoder_layers: 6, num_hidden_layers: 6, encoder_attention_heads: 12, max_position_embeddings: 1024 }, { layers: 3, keyValueHeads: 12, contextLength: 1024 }],
  ALBERT: [{ model_type: 'albert', embedding_size: 128, hidden_size: 768, num_hidden_layers: 12, num_attention_heads: 12, max_position_embeddings: 512 }, { hiddenSize: 768, layers: 12 }],
  CLIP: [{ model_type: 'clip', text_config: { model_type: 'clip_text_model', hidden_size: 512, num_hidden_layers: 12, num_attention_heads: 8, max_position_embeddings: 77 }, vision_config: {}, architectures: ['CLIPModel'] }, { hiddenSize: 512, contextLength: 77, towers: true, architecture: 'CLIPModel' }],
  'CLIP without its defaults': [{ model_type: 'clip', text_config: { model_type: 'clip_text_model', architectures: null }, vision_config: {}, architectures: ['CLIPModel'] }, { hiddenSize: 512, layers: 12, contextLength: 77, architecture: 'CLIPModel' }],
  'Gemma 3': [{ model_type: 'gemma3', text_config: { model_type: 'gemma3_text', hidden_size: 2560, num_hidden_layers: 34 }, vision_config: {} }, { hiddenSize: 2560, layers: 34, headSize: 256, keyValueHeads: 4 }],
  'GPT-NeoX': [{ model_type: 'gpt_neox', hidden_size: 512, num_hidden_layers: 6, num_attention_heads: 8, max_position_embeddings: 2048 }, { layers: 6, headSize: 64, keyValueHeads: 8 }],
  BLOOM: [{ model_type: 'bloom', hidden_size: 1024, n_layer: 24, n_head: 16, seq_length: 2048 }, { hiddenSize: 1024, layers: 24, keyValueHeads: 16, contextLength: 2048 }],
  'BLOOM as it once was': [{ model_type: 'bloom', n_embed: 1024, n_layer: 24, num_attention_heads: 16 }, { hiddenSize: 1024, contextLength: 512 }],
  OPT: [{ model_type: 'opt', hidden_size: 1024, word_embed_proj_dim: 512, num_hidden_layers: 24, num_attention_heads: 16, max_position_embeddings: 2048 }, { hiddenSize: 1024, layers: 24 }],
  'Falcon, one head for keys': [{ model_type: 'falcon', hidden_size: 4544, num_hidden_layers: 32, num_attention_heads: 71, multi_query: true, new_decoder_architecture: false }, { keyValueHeads: 1, headSize: 64, contextLength: 2048 }],
  XLM: [{ model_type: 'xlm', emb_dim: 1024, n_layers: 12, n_heads: 8, max_position_embeddings: 512 }, { hiddenSize: 1024, layers: 12, headSize: 128 }],
  MPNet: [{ model_type: 'mpnet', hidden_size: 768, num_hidden_layers: 12, max_position_embeddings: 514 }, { contextLength: 512 }],
};

test('sizes are read under the names that each architecture gives them', async () => {
  for (const [name, [config, expected]] of Object.entries(known)) expect(await read(config), name).toMatchObject(expected);
  await expect(read({ model_type: 'bert', num_hidden_layers: 2 })).rejects.toThrow('it does not say the hidden size');
});

const plain = { encoderDecoder: false, towers: false };

test('the file is looked for under few names, the likely one first; an encoder-decoder by its encoder, CLIP by its text model', () => {
  expect(onnxCandidates('fp32', plain).slice(0, 4)).toEqual(['onnx/model.onnx', 'model.onnx', 'onnx/decoder_model_merged.onnx', 'decoder_model_merged.onnx']);
  expect(onnxCandidates('q8', { ...plain, encoderDecoder: true })[0]).toBe('onnx/encoder_model_quantized.onnx');
  expect(onnxCandidates('q8', { ...plain, encoderDecoder: true }).some((path) => path.includes('decoder_model'))).toBe(false);
  expect(onnxCandidates('fp16', { ...plain, towers: true })[0]).toBe('onnx/text_model_fp16.onnx');
  for (const dtype of ['fp32', 'fp16', 'q8', 'q4', 'q4f16'] as const) expect(onnxCandidates(dtype, plain).length).toBeLessThan(20);
});

test('among files that can be listed the one of the precision is taken, wherever it lies and whatever its ending is', () => {
  const paths = ['mine/onnx/model.onnx', 'mine/onnx/model_int8.onnx', 'mine/onnx/model_q4f16.onnx', 'mine/onnx/model_bnb4.onnx', 'mine/other/model.onnx.data'];
  expect(chooseOnnx(paths, 'fp32', plain)).toBe('mine/onnx/model.onnx');
  expect(chooseOnnx(paths, 'q8', plain)).toBe('mine/onnx/model_int8.onnx');
  expect(chooseOnnx(paths, 'q4', plain)).toBe('mine/onnx/model_bnb4.onnx');
  expect(chooseOnnx(paths, 'q4f16', plain)).toBe('mine/onnx/model_q4f16.onnx');
  expect(chooseOnnx(paths, 'fp16', plain)).toBe(null);
  expect(chooseOnnx(['my encoder.onnx'], 'fp32', plain)).toBe('my encoder.onnx');
  expect(chooseOnnx(['my encoder_q4.onnx'], 'fp32', plain)).toBe(null);
  expect(['a/model_uint8.onnx', 'model_fp16.onnx', 'model.onnx'].map(precisionOf)).toEqual(['q8', 'fp16', null]);
});

test('a folder with one ONNX file of any name is a model', async () => {
  const entries = new Map([['config.json', new Blob([JSON.stringify(transformerConfig)])], ['exported/my model.onnx', new Blob([tinyTransformer({ weights: 'full', outputs: ['logits'] })])]]);
  expect(await inspectModel(localFiles('tiny', entries), { dtype: 'fp32' })).toMatchObject({ onnxFile: 'exported/my model.onnx', hiddenStates: ['0.in', '1.in', 'last_hidden_state'] });
  await expect(inspectModel(localFiles('tiny', new Map([...entries, ['exported/second_q4.onnx', new Blob(['x'])]])), { dtype: 'fp16' })).rejects.toThrow(/no ONNX file for the precision fp16.*Choose the precision that fits one of exported\/my model\.onnx, exported\/second_q4\.onnx/);
});
