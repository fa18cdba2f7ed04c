/** In which direction a model reads, and what that means for the tokens that stand for a word. */
import type { ModelValue } from '../data/values.ts';
import { splitTemplate, type WordTokenizer } from './tokens.ts';

/** Families whose classes do not say it; CLIP's text tower reads forwards too (Radford et al. 2021, section 2.4). */
const forward = /CausalLM|LMHead|DoubleHeads|^(GPT|Llama|Mistral|Qwen|Gemma|Phi|Bloom|Falcon|OPT|OLMo|CLIP|CodeGen|Starcoder|StableLm|Mpt)/i;
/** Read both ways in spite of their names: XLM and its like, XLNet, and the class of EmbeddingGemma. */
const bothWays = /^(XLM|Flaubert|XLNet)|^Gemma3TextModel$/;

/**
 * Whether a model reads from left to right only, so that the state of a token knows nothing of what follows it; by the
 * class that config.json names. Classes that are not known count as reading both ways.
 */
export function readsForwards({ architecture }: Pick<ModelValue, 'architecture'>): boolean {
  return forward.test(architecture) && !bothWays.test(architecture);
}

/** The tokens that stand for a word: of a model that reads forwards the last, which alone has seen the whole word, else the mean of all of its own. */
export function wordPooling(model: Pick<ModelValue, 'architecture'>): 'last' | 'mean' {
  return readsForwards(model) ? 'last' : 'mean';
}

/**
 * The templates in which the word begins at the first token of all. In a model that reads forwards that token has seen
 * nothing else, and many models use it as an attention sink: its state is large and says little of the token (Xiao et al.
 * 2024, "Efficient streaming language models with attention sinks"; Sun et al. 2024, "Massive activations in large language
 * models"). Tokenizers that put a token before every text (BOS) keep words from there.
 *
 * @param words of which the first that can be fed is tried
 */
export function templatesAtStart(tokenizer: WordTokenizer, templates: readonly string[], words: readonly string[], contextLength: number): string[] {
  return templates.filter((template) => {
    // Only what stands before the word could keep it from the start.
    if (splitTemplate(template)[0].trim() !== '') return false;
    for (const word of words) {
      const text = tokenizer.tokenise(word, template, contextLength);
      if (!('reason' in text)) return text.word[0] === 0;
    }
    return false;
  });
}
