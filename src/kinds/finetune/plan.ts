/** Which task each step of a `finetune` cell takes: the plan as it is written, brought to the number of steps. */
import { Problem } from '../../base/problem.ts';
import type { TuningTask } from '../../data/tuned.ts';
import { checkPhases, planMixture, type Mixture, type Phase } from '../../tuning/tasks/mixture.ts';

export interface Plan {
  readonly mixture: Mixture;
  /** Steps as they are done; their sum is that of the run. */
  readonly phases: readonly Phase[];
  /** Steps that the written plan has, where they are not those of the run. */
  readonly written: number | null;
}

/**
 * Reads a plan, one phase a line: "100: text", "200: rating 2, choice 1" (steps, then tasks with their shares, 1 where
 * none is written). The steps count relative to their sum: the plan is stretched or shrunk to the steps of the run, so
 * that a shorter run, as under Quick, keeps its shape.
 *
 * @param lines none for all tasks in equal shares
 * @throws Problem `plan` for a line that is no phase and for more phases than steps, and what planMixture throws
 */
export function planOf(tasks: readonly TuningTask[], lines: readonly string[], steps: number, place: string): Plan {
  const used = lines.filter((line) => line.trim() !== '');
  const written = used.length > 0 ? used.map((line) => phaseOf(line, place)) : [{ steps, shares: Object.fromEntries(tasks.map((task) => [task, 1])) }];
  // Of the plan as written, before it is scaled: its own mistakes come first. Its steps only count relative to each other.
  checkPhases(written, tasks, place);
  const phases = scaled(written, steps, place);
  const total = written.reduce((sum, phase) => sum + phase.steps, 0);
  return { mixture: planMixture(phases, tasks, place), phases, written: total === steps ? null : total };
}

/** A plan as a reader would write it. */
export function planText(phases: readonly Phase[]): string {
  return phases.map(({ steps, shares }) => `${steps}: ${Object.entries(shares).map(([task, share]) => `${task} ${share}`).join(', ')}`).join(' | ');
}

function phaseOf(line: string, place: string): Phase {
  const [, steps, rest = ''] = /^\s*(\d+)\s*(?::|steps?:?|\s)\s*(\S.*)$/.exec(line) ?? [];
  const entries = rest.split(/[,+]/).map((part) => /^\s*([a-z]+)(?:\s+(\d+(?:\.\d+)?))?\s*$/.exec(part));
  const shares = new Map(entries.flatMap((entry) => (entry ? [[entry[1]!, Number(entry[2] ?? 1)] as const] : [])));
  if (steps === undefined || shares.size < entries.length) {
    throw new Problem({ code: 'plan', place, what: `${JSON.stringify(line)} in plan is no phase`, fix: 'Write its steps, then each task once with its share: "100: text" or "200: rating 2, choice 1".' });
  }
  return { steps: Number(steps), shares: Object.fromEntries(shares) };
}

/** Every phase keeps its share of the steps, give or take one, and at least one step. */
function scaled(phases: readonly Phase[], steps: number, place: string): Phase[] {
  const total = phases.reduce((sum, phase) => sum + phase.steps, 0);
  if (phases.length > steps) throw new Problem({ code: 'plan', place, what: `the plan has ${phases.length} phases, and the run ${steps} steps`, fix: 'Take more steps, or fewer phases.' });
  let [before, planned] = [0, 0];
  return phases.map(({ steps: own, shares }, at) => {
    planned += own;
    // What follows must have a step each.
    const end = Math.max(before + 1, Math.min(Math.round((planned / total) * steps), steps - (phases.length - 1 - at)));
    const phase = { steps: end - before, shares };
    before = end;
    return phase;
  });
}
