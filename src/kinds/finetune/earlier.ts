/** Tuning a tuned model: what is validated and tested on must not have been trained on in an earlier round. */
import { sha256 } from '../../base/hash.ts';
import { Problem } from '../../base/problem.ts';
import { shortList } from '../../data/names.ts';
import type { TaskCard, TuningCard } from '../../data/tuned.ts';
import type { ModelValue } from '../../data/values.ts';
import type { TaskData } from './data.ts';
import { sentenceKey } from './sentences.ts';

/** Of one task what is looked at here. */
export type Asked = Pick<TaskData, 'known'> & { readonly card: Pick<TaskCard, 'unit'> };

/**
 * Compares with all earlier rounds. What an earlier round validated on may be validated on again, but not tested on.
 * Files tell by hashes what was seen, without the side, and nothing of sentences: what they leave open is told.
 *
 * @throws Problem `split-leak` with some of the words, questions or sentences that an earlier round saw
 */
export async function requireUnseen({ label, tuned }: Pick<ModelValue, 'label' | 'tuned'>, tasks: readonly Asked[], place: string, warn: (message: string) => void): Promise<void> {
  for (const { card } of tuned?.rounds ?? []) {
    for (const { known, card: { unit } } of tasks) {
      const { trained, seen } = seenIn(card, unit);
      const leaks = [...known.test.filter((forms) => forms.some((form) => seen.has(form))), ...known.validation.filter((forms) => forms.some((form) => trained.has(form)))];
      const { imported } = card;
      const hashes = new Set(imported?.seen);
      if (hashes.size > 0 && unit !== 'sentence') leaks.push(...await named(known.test, hashes));
      if (leaks.length > 0) throw leak(leaks, unit, label, place);
      if (!imported || known.test.length + known.validation.length === 0) continue;
      if (!imported.seen || (unit === 'sentence' && (card.parts.length === 0 || card.parts.some((part) => part.unit === unit) || (imported.rounds ?? 1) > 1))) {
        warn(`${label}: its adapter came from ${imported.file}, which does not say which ${unit}s it was trained on; the losses on validated and held-out ${unit}s may be of trained ones`);
      } else if (unit !== 'sentence') {
        const doubtful = await named(known.validation, hashes);
        if (doubtful.length > 0) warn(`${label}: its adapter came from ${imported.file}, and was trained or validated on ${doubtful.length} of the ${known.validation.length} ${unit}s to validate on: the file does not say which of the two`);
      }
    }
  }
}

/** Forms, names or keys of a unit in a round. */
function seenIn({ parts }: TuningCard, unit: string): { readonly trained: ReadonlySet<string>; readonly seen: ReadonlySet<string> } {
  const own = parts.filter((part) => part.unit === unit);
  const on = (side: 'train' | 'validation'): string[] => own.flatMap(({ sides, seenForms }) => (unit === 'sentence' ? sides[side].map(sentenceKey) : seenForms[side]));
  const trained = on('train');
  return { trained: new Set(trained), seen: new Set([...trained, ...on('validation')]) };
}

async function named(units: TaskData['known']['test'], hashes: ReadonlySet<string>): Promise<(readonly string[])[]> {
  const found = await Promise.all(units.map(async (forms) => (await Promise.all(forms.map((form) => sha256(form)))).some((hash) => hashes.has(hash))));
  return units.filter((_, at) => found[at]);
}

function leak(leaks: readonly (readonly string[])[], unit: string, label: string, place: string): Problem {
  const one = leaks.length === 1;
  return new Problem({
    code: 'split-leak', place,
    what: `${one ? `one ${unit}` : `${leaks.length} ${unit}s`} to validate or test on ${one ? 'was' : 'were'} seen when ${label} was tuned before: ${shortList(leaks.map((forms) => forms.join(' / ')), 4)}`,
    fix: 'Tune again with the same data, shares and seed, or with stimuli that bring their split; or set test and validation to 0 where the losses on held-out data are not needed.',
  });
}
