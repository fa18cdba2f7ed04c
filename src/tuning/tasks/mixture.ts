/** Several tasks in one run: which task each step takes, in shares that may change from phase to phase (a curriculum). */
import { Problem } from '../../base/problem.ts';

/** A stretch of the run with shares of its own. */
export interface Phase {
  /** At least 1. */
  readonly steps: number;
  /** Share of the steps by task, at least 0; they count relative to their sum. */
  readonly shares: Readonly<Record<string, number>>;
}

/** A step's task, and how many batches of that task were taken before. */
export interface Turn {
  readonly task: string;
  readonly index: number;
}

export interface Mixture {
  /** Of all phases. */
  readonly steps: number;
  /** @param step steps taken before, 0 to steps - 1 */
  at(step: number): Turn;
  /** Batches taken of each task after so many steps: a checkpoint's `taken`. */
  taken(step: number): Record<string, number>;
}

/**
 * Plans a run. Within a phase tasks take turns as evenly as can be: after n of its steps each task of share s has had
 * s n turns, give or take less than one (Tijdeman 1980, "The chairman assignment problem", Discrete Mathematics 32).
 * No chance is involved, so a resumed run follows the same plan.
 *
 * @param tasks names of the tasks there are
 * @throws Problem `mixture` where a phase has no steps, a share is below 0 or of an unknown task, or all are 0, and where
 *   a task is never trained, for want of a share or of steps
 */
export function planMixture(phases: readonly Phase[], tasks: readonly string[], place: string): Mixture {
  checkPhases(phases, tasks, place);
  const order = phases.flatMap((phase) => turnsOf(phase).map((task) => tasks.indexOf(task)));
  const counts = new Map(tasks.map((task) => [task, 0]));
  const turns = order.map((position): Turn => {
    const task = tasks[position]!;
    const index = counts.get(task)!;
    counts.set(task, index + 1);
    return { task, index };
  });
  const idle = tasks.find((task) => counts.get(task) === 0);
  if (idle !== undefined) throw new Problem({ code: 'mixture', place, what: `${idle} has too small a share to get one of the ${turns.length} steps`, fix: 'Take more steps, or give it a larger share.' });
  return {
    steps: turns.length,
    at: (step) => {
      const turn = turns[step];
      if (!turn) throw new RangeError(`step ${step} of ${turns.length}`);
      return turn;
    },
    taken: (step) => {
      const taken: Record<string, number> = Object.fromEntries(tasks.map((task) => [task, 0]));
      for (const { task } of turns.slice(0, step)) taken[task]!++;
      return taken;
    },
  };
}

/**
 * What can be said of phases without going through their steps.
 * @throws Problem `mixture` as {@link planMixture} does, but for a task that gets no step for its small share
 */
export function checkPhases(phases: readonly Phase[], tasks: readonly string[], place: string): void {
  const fail = (what: string, fix: string): never => {
    throw new Problem({ code: 'mixture', place, what, fix });
  };
  if (phases.length === 0) fail('there is no phase', 'Write at least one, with its steps and shares.');
  phases.forEach(({ steps, shares }, i) => {
    const entries = Object.entries(shares);
    if (!Number.isSafeInteger(steps) || steps < 1) fail(`phase ${i + 1} has ${steps} steps`, 'Give it a whole number of steps, at least 1.');
    for (const [task, share] of entries) {
      if (!tasks.includes(task)) fail(`phase ${i + 1} has a share of ${task}, and the tasks are ${tasks.join(', ')}`, 'Name the tasks as they are named in the cell.');
      if (!(share >= 0 && Number.isFinite(share))) fail(`the share of ${task} in phase ${i + 1} is ${share}`, 'Shares are 0 or more.');
    }
    if (entries.every(([, share]) => share === 0)) fail(`phase ${i + 1} has no task`, 'Give at least one task a share above 0.');
  });
  const never = tasks.find((task) => phases.every(({ shares }) => !shares[task]));
  if (never !== undefined) fail(`${never} is never trained`, 'Give it a share in a phase, or leave it out.');
}

/** Tijdeman's order: of the tasks that may have a turn without getting ahead, the one that must have it soonest. */
function turnsOf({ steps, shares }: Phase): string[] {
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  const tasks = Object.entries(shares).filter(([, share]) => share > 0).map(([task, share]) => ({ task, share: share / sum, taken: 0 }));
  const slack = tasks.length > 1 ? 1 / (2 * tasks.length - 2) : 0;
  return Array.from({ length: steps }, (_, step) => {
    // Rounding must not shut a task out that is due exactly now.
    const due = tasks.filter(({ share, taken }) => share * (step + 1) - taken >= slack - 1e-9);
    const next = (due.length > 0 ? due : tasks).reduce((first, other) => ((other.taken + 1 - slack) / other.share < (first.taken + 1 - slack) / first.share ? other : first));
    next.taken++;
    return next.task;
  });
}
