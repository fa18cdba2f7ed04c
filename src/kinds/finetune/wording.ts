/** How a tuned model's card names its tasks and what a test loss is held against; for the page and for the file. */
import type { TaskCard, TuningTask } from '../../data/tuned.ts';

export const tasks: Readonly<Record<TuningTask, string>> = { rating: 'predict ratings of words', choice: 'answer questions with four options', text: 'predict words of sentences' };

/** What the task is and, where it could be another, the form of its answers. */
export function taskOf({ task, form }: Pick<TaskCard, 'task' | 'form'>): string {
  if (task === 'text' || (form === 'head' && task === 'rating')) return tasks[task];
  const how = { head: 'by a head', prompt: `by the ${task === 'rating' ? 'digit' : 'letter'} after a prompt`, likelihood: 'by how probable each option is' } as const;
  return `${tasks[task]}, ${how[form]}`;
}

/** What has the loss that the card gives for reference. */
export function referenceOf({ task, form }: Pick<TaskCard, 'task' | 'form'>): string {
  if (task === 'text' || form !== 'head') return 'untuned model';
  return task === 'rating' ? 'predicting the mean' : 'guessing';
}
