/** The models a leaderboard opens by itself, one line each: "owner/name q8 My label", or the name of a bundled model. */
import { Problem, problemRecord } from '../../base/problem.ts';
import { shortList } from '../../data/names.ts';
import type { ModelValue } from '../../data/values.ts';
import { parseHubAddress } from '../../models/hub/address.ts';
import type { WantedModel } from '../kind.ts';

/** A model to open, as a `model` cell would name it. */
export interface ModelEntry {
  readonly source: 'bundled' | 'hub';
  /** Of a mirror's model its address. */
  readonly id: string;
  readonly revision: string;
  readonly dtype: ModelValue['dtype'];
  /** '' for the model's own name. */
  readonly label: string;
}

const dtypes = ['fp32', 'fp16', 'q8', 'q4', 'q4f16'] as const satisfies readonly ModelValue['dtype'][];

const isDtype = (word: string | undefined): word is ModelValue['dtype'] => (dtypes as readonly (string | undefined)[]).includes(word);

/** @throws Problem `hub-id` where the line names no model */
function readEntry(line: string): ModelEntry {
  const [address = '', ...rest] = line.trim().split(/\s+/);
  const [first] = rest;
  const dtype = isDtype(first) ? first : 'fp32';
  const label = (isDtype(first) ? rest.slice(1) : rest).join(' ');
  // Models of the hub without an owner are few and old; the app's own have none.
  if (/^[\w.-]+$/.test(address)) return { source: 'bundled', id: address, revision: 'main', dtype, label };
  const { id, revision, host } = parseHubAddress(address);
  return { source: 'hub', id: host === null ? id : `${host}/${id}`, revision: revision ?? 'main', dtype, label };
}

/**
 * Reads the list.
 * @throws Problem `bad-model`, `model-twice`
 */
export function readEntries(lines: readonly string[], place: string): ModelEntry[] {
  const entries = lines.filter((line) => line.trim() !== '').map((line) => {
    try {
      return readEntry(line);
    } catch (error) {
      throw new Problem({ code: 'bad-model', place, what: `hub has ${JSON.stringify(line)}: ${problemRecord(error).what}`, fix: 'Write "owner/name", and if you like a precision and a label after it: "owner/name q8 My label"; or the name of a bundled model.' });
    }
  });
  const names = entries.map(nameOf);
  const twice = names.filter((name, at) => names.indexOf(name) < at);
  if (twice.length === 0) return entries;
  throw new Problem({ code: 'model-twice', place, what: `hub names ${shortList(twice)} more than once`, fix: 'Leave each model once, or choose another precision.' });
}

/** The entry as messages name it: "owner/name q8"; a bundled model by its name alone. */
export function nameOf({ source, id, revision, dtype }: ModelEntry): string {
  return `${id}${revision === 'main' ? '' : `@${revision}`}${source === 'bundled' && dtype === 'fp32' ? '' : ` ${dtype}`}`;
}

/** What a preview lists; of a line with a mistake the line itself. */
export function wantedModels(lines: readonly string[]): WantedModel[] {
  return lines.filter((line) => line.trim() !== '').map((line) => {
    try {
      const { source, id, dtype, revision } = readEntry(line);
      return { source, id, dtype, ...(revision === 'main' ? {} : { revision }) };
    } catch {
      return { source: 'hub', id: line.trim(), dtype: '' };
    }
  });
}
