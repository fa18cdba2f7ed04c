/** Every cell kind, and the only place that lists them. */
import { activations } from './activations/index.ts';
import { adapter } from './adapter/index.ts';
import { ceiling } from './ceiling/index.ts';
import { change } from './change/index.ts';
import { choice } from './choice/index.ts';
import { dimensions } from './dimensions/index.ts';
import { elicit } from './elicit/index.ts';
import { explain } from './explain/index.ts';
import { finetune } from './finetune/index.ts';
import { geometry } from './geometry/index.ts';
import type { Kind } from './kind.ts';
import { leaderboard } from './leaderboard/index.ts';
import { model } from './model/index.ts';
import { raters } from './raters/index.ts';
import { ratings } from './ratings/index.ts';
import { rdm } from './rdm/index.ts';
import { rsa } from './rsa/index.ts';
import { stimuli } from './stimuli/index.ts';
import { table } from './table/index.ts';
import { transfer } from './transfer/index.ts';
import { vectors } from './vectors/index.ts';
import { words } from './words/index.ts';

/** Kinds that are about one thing, under the words that stand above them in the menu. */
export interface KindGroup {
  readonly heading: string;
  readonly kinds: readonly Kind[];
}

// The registry forgets each kind's own types: a cell's text is checked against the fields before `run` sees it.
const group = (heading: string, ...members: readonly unknown[]): KindGroup => ({ heading, kinds: members as readonly Kind[] });

/** In the order of the menu that adds a cell. */
export const kindGroups: readonly KindGroup[] = [
  group('Words and data', stimuli, table, ratings, vectors),
  group('Models', model, activations, elicit, choice, finetune, adapter),
  group('Comparing with a reference', rdm, rsa, leaderboard, dimensions, words, explain, raters, ceiling, geometry),
  group('What tuning did', change, transfer),
];

/** Kinds by the word that stands after `cell` in a notebook, in the order of the menu. */
export const kinds: ReadonlyMap<string, Kind> = new Map(kindGroups.flatMap((members) => members.kinds).map((kind) => [kind.name, kind]));
