/** How a tuned model's card names its task and what its test loss is held against; for the page and for the file. */
import type { TuningTask } from '../../data/tuned.ts';

export const tasks: Readonly<Record<TuningTask, string>> = { rating: 'predict ratings of words', choice: 'answer questions with four options', text: 'predict words of sentences' };

/** What has the loss that the card gives for reference. */
export const references: Readonly<Record<TuningTask, string>> = { rating: 'predicting the mean', choice: 'guessing', text: 'untuned model' };
