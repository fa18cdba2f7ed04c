/** Models that read forwards: which they are, what stands for a word in them, and where a word must not stand. */
import { expect, test } from 'vitest';
import { readsForwards, templatesAtStart, wordPooling } from '../../src/models/direction.ts';
import type { ModelFiles } from '../../src/models/files.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';

const forwards = ['LlamaForCausalLM', 'LlamaModel', 'GPT2LMHeadModel', 'GPTNeoXForCausalLM', 'Qwen3ForCausalLM', 'Gemma3ForCausalLM', 'BloomModel', 'OPTForCausalLM', 'PhiForCausalLM', 'CLIPModel', 'CLIPTextModelWithProjection'];
const bothWays = ['BertModel', 'BertForMaskedLM', 'RobertaForMaskedLM', 'XLMRobertaModel', 'MPNetForMaskedLM', 'DebertaV2Model', 'T5EncoderModel', 'T5ForConditionalGeneration', 'XLNetLMHeadModel', 'XLMWithLMHeadModel', 'Gemma3TextModel', 'SiglipTextModel', 'unknown'];

test('a word is its last token where the model reads forwards, else the mean of its tokens', () => {
  expect(forwards.filter((architecture) => !readsForwards({ architecture }))).toEqual([]);
  expect(bothWays.filter((architecture) => readsForwards({ architecture }))).toEqual([]);
  expect([wordPooling({ architecture: 'LlamaForCausalLM' }), wordPooling({ architecture: 'BertModel' })]).toEqual(['last', 'mean']);
});

test('a word stands at the very start where neither tokenizer nor template put anything before it', async () => {
  const files = (change: object): ModelFiles => {
    const read = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
      const json: unknown = await (await fetch(`/models/sensorium-mini-causal/${path}`)).json();
      return new TextEncoder().encode(JSON.stringify(path === 'tokenizer.json' ? { ...(json as object), ...change } : json));
    };
    return { id: 'sensorium-mini-causal', source: 'local', read, readOptional: read };
  };
  const templates = ['{word}', 'the {word}', ' {word} is here'];
  const words = ['…', 'apple'];
  expect(templatesAtStart(await loadTokenizer(files({})), templates, words, 64)).toEqual([]);
  expect(templatesAtStart(await loadTokenizer(files({ post_processor: null })), templates, words, 64)).toEqual(['{word}', ' {word} is here']);
});
