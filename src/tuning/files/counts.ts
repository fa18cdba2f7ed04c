/** How much a tuned model was trained on, whether it was trained here or came from a file. */
import type { TuningCard } from '../../data/tuned.ts';

/** How many words, questions or sentences were on each side of a part; of an imported one as its file says. */
export function countsOf(card: TuningCard, at: number): { readonly train: number; readonly validation: number; readonly test: number } {
  const { sides: { train, validation, test } } = card.parts[at]!;
  return card.imported?.counts?.[at] ?? { train: train.length, validation: validation.length, test: test.length };
}
