/** Tasks that a button starts: what goes wrong is told, never swallowed. */
import { isCancelled, problemRecord } from '../base/problem.ts';
import { toast } from '../ui/toast.ts';

export function tell(error: unknown): void {
  if (isCancelled(error)) return;
  const { place, what, fix } = problemRecord(error);
  toast({ text: `${place ? `${place}: ` : ''}${what}. ${fix}`, tone: 'bad', stay: 12_000 });
}

/** Runs a task and tells the reader when it fails. */
export function attempt(task: () => Promise<void>): void {
  task().catch(tell);
}
