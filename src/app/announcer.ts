/** What a screen reader hears of runs: starts and ends, never single steps of progress. */
import type { Session } from '../notebook/session.ts';
import { unfinishedSentence } from './unfinished.ts';
import type { CellStatus } from '../notebook/state.ts';

const spoken: Partial<Record<CellStatus, string>> = { running: 'is running', done: 'is done', cancelled: 'was cancelled' };

/** Compares the cells with how they stood at the last call and says what happened since, '' for nothing. */
export function announcer(session: Session): () => string {
  const before = new Map<string, CellStatus>(session.cells.map(({ name, status }) => [name, status]));
  return () => {
    const sentences: string[] = [];
    for (const { name, status, problem, unfinished } of session.cells) {
      const was = before.get(name);
      before.set(name, status);
      if (was === status || was === undefined) continue;
      if (status === 'failed') sentences.push(`${name} failed: ${problem?.what ?? 'no reason given'}.`);
      else if (status === 'paused' && unfinished) sentences.push(`${name}: ${unfinishedSentence(unfinished)}`);
      else if (spoken[status]) sentences.push(`${name} ${spoken[status]}.`);
    }
    return sentences.join(' ');
  };
}
