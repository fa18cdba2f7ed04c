/**
 * Words and questions that no model of the comparison was trained or validated on, in any round, repeat or language.
 */
import { sha256 } from '../../base/hash.ts';
import { Problem } from '../../base/problem.ts';
import { shortList } from '../../data/names.ts';
import type { ChoiceQuestion } from '../../data/questions.ts';
import { linkedGroups } from '../../data/sample.ts';
import { completeLanguages } from '../../data/stimuli.ts';
import type { Dropped, StimuliValue } from '../../data/values.ts';
import { wordForms } from '../../tuning/split.ts';
import { listed } from '../../ui/format.ts';
import { isSeenKnown, partsOf, type Compared } from './models.ts';
import { byReason } from './reasons.ts';

/** Fewest words or questions that are worth measuring. */
export const fewest = 20;

/** A stimuli cell as a test. */
export interface WordTest {
  readonly cell: string;
  /** Unique in the comparison. */
  readonly label: string;
  readonly stimuli: StimuliValue;
}

/** Rows of a test that may be measured, and why the others may not. */
export interface HeldOut {
  /** Ascending. */
  readonly rows: readonly number[];
  readonly dropped: readonly Dropped[];
  readonly given: boolean;
}

/** Forms of the words of a model's trainings, in all languages; hashes of them for adapters that came from a file. */
interface Seen {
  readonly label: string;
  readonly forms: ReadonlySet<string>;
  readonly hashes: ReadonlySet<string>;
}

/** Forms of words, or names of questions, on the training and validation sides of all parts of a kind. */
function namesSeen({ members }: Compared, unit: 'word' | 'question'): Set<string> {
  return new Set(members.flatMap(partsOf).filter((part) => part.unit === unit).flatMap(({ seenForms }) => [...seenForms.train, ...seenForms.validation]));
}

/** Hashes of words and questions, as files hold them (see tuning/files/seen.ts). */
function hashesSeen({ members }: Compared): ReadonlySet<string> {
  return new Set(members.flatMap(({ tuned }) => tuned?.rounds.flatMap(({ card }) => card.imported?.seen ?? []) ?? []));
}

function seenBy(model: Compared): Seen {
  return { label: model.label, forms: namesSeen(model, 'word'), hashes: hashesSeen(model) };
}

/**
 * Finds the held-out words of each test. A word counts as seen with all its forms and translations, and so does every
 * word that is linked to a seen one by shared forms, in any of the tests: the rule by which splits are drawn. A split
 * that the stimuli bring is kept: its test side is used, and must be unseen.
 *
 * @throws Problem `split-leak` where a model saw words of a given test side, `too-few-words` where fewer than 20 are left
 */
export async function heldOutWords(tests: readonly WordTest[], models: readonly Compared[], place: string): Promise<HeldOut[]> {
  const forms = tests.map(({ stimuli }) => wordForms(stimuli));
  const groups = linkedGroups(forms.flat());
  const seen = models.map(seenBy);
  const hashed = seen.some(({ hashes }) => hashes.size > 0);
  // Of each group of linked words the models that saw one of them.
  const owners = new Map<number, Set<string>>();
  for (const [at, own] of forms.flat().entries()) {
    const hashes = hashed ? await Promise.all(own.map((form) => sha256(form))) : [];
    for (const { label, forms: known, hashes: knownHashes } of seen) {
      if (!own.some((form) => known.has(form)) && !hashes.some((hash) => knownHashes.has(hash))) continue;
      const group = groups[at]!;
      owners.set(group, (owners.get(group) ?? new Set()).add(label));
    }
  }
  let start = 0;
  return tests.map((test) => {
    const own = groups.subarray(start, start + test.stimuli.words.length);
    start += own.length;
    return heldOutOf(test, [...own].map((group) => [...(owners.get(group) ?? [])]), place);
  });
}

/** @param owners for each word the models that saw it */
function heldOutOf({ cell, stimuli: { words, split } }: WordTest, owners: readonly (readonly string[])[], place: string): HeldOut {
  const given = split.length > 0;
  const all = [...words.keys()];
  const leaked = given ? all.filter((row) => split[row] === 'test' && owners[row]!.length > 0) : [];
  if (leaked.length > 0) {
    throw new Problem({
      code: 'split-leak', place,
      what: `${leaked.length === 1 ? 'one test word' : `${leaked.length} test words`} of ${cell} ${leaked.length === 1 ? 'was' : 'were'} trained or validated on: ${shortList(leaked.map((row) => `${words[row]!} (${owners[row]!.join(', ')})`), 4)}`,
      fix: `Tune on the training side of ${cell}, or take the split away (test: 0) so that unseen words are found by themselves.`,
    });
  }
  const reasonOf = (row: number): string => {
    if (given) return split[row] === 'test' ? '' : 'on the training side of the stimuli’s own split';
    return owners[row]!.length > 0 ? `trained or validated on by ${owners[row]!.join(', ')}, as such or through a shared form or translation` : '';
  };
  const rows = all.filter((row) => reasonOf(row) === '');
  if (rows.length < fewest) {
    throw new Problem({
      code: 'too-few-words', place,
      what: `of ${words.length} words of ${cell} ${rows.length === 1 ? 'one is' : `${rows.length} are`} left that no model was trained or validated on; ${fewest} are needed`,
      fix: 'Tune all models with one split (the same stimuli and seed, or stimuli that bring a split), or bring more words.',
    });
  }
  return { rows, dropped: byReason(all, reasonOf, (row) => words[row]!), given };
}

/** What cannot be known about leaks, for the run card. */
export function doubts(tests: readonly WordTest[], models: readonly Compared[]): string[] {
  const unknown = models.filter(({ members }) => !members.every(isSeenKnown));
  const said = unknown.map(({ label }) => `${label}: its adapter came from a file that does not say which words it was trained on; words and questions that it knows may be among those tested.`);
  for (const { cell, stimuli } of tests) {
    const known = completeLanguages(stimuli);
    for (const { label, members } of models) {
      const strangers = members.flatMap(partsOf).filter(({ unit, formLanguages }) => unit === 'word' && !formLanguages.some((language) => known.includes(language)));
      if (strangers.length === 0) continue;
      const languages = [...new Set(strangers.flatMap(({ formLanguages }) => formLanguages))];
      said.push(`${cell} names its words in ${listed(known)}, and ${label} keeps those it was trained on ${languages.length > 0 ? `in ${listed(languages)}` : 'in languages that its file does not tell'}: a trained word’s translation would go unnoticed. Name a translation column in ${cell}, or in the stimuli that ${label} is trained on.`);
    }
  }
  return said;
}

/**
 * Rows of the questions on which no model was trained or validated.
 * @throws Problem `too-few-questions` where fewer than 20 are left
 */
export async function heldOutQuestions(questions: readonly ChoiceQuestion[], models: readonly Compared[], place: string): Promise<HeldOut> {
  const owners = new Map<string, Set<string>>();
  for (const model of models) {
    const names = namesSeen(model, 'question');
    const hashes = hashesSeen(model);
    for (const { id } of questions) {
      if (names.has(id) || (hashes.size > 0 && hashes.has(await sha256(id)))) owners.set(id, (owners.get(id) ?? new Set()).add(model.label));
    }
  }
  const all = [...questions.keys()];
  const reasonOf = (row: number): string => {
    const by = owners.get(questions[row]!.id);
    return by ? `trained or validated on by ${[...by].join(', ')}` : '';
  };
  const rows = all.filter((row) => reasonOf(row) === '');
  if (rows.length < fewest) {
    throw new Problem({
      code: 'too-few-questions', place,
      what: `of ${questions.length} questions ${rows.length === 1 ? 'one is' : `${rows.length} are`} left that no model was trained or validated on; ${fewest} are needed`,
      fix: 'Tune all models on questions with one seed, or leave questions out (questions: none).',
    });
  }
  return { rows, dropped: byReason(all, reasonOf, (row) => questions[row]!.id), given: false };
}
