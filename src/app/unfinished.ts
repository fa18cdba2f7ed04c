/** What is said of a run that has not come to its end. */
import type { UnfinishedRun } from '../store/kept.ts';

/** "Paused at step 120 of 300." */
export function unfinishedSentence({ at, paused }: UnfinishedRun): string {
  return `${paused ? 'Paused' : 'Stopped'} at ${at.label}.`;
}
