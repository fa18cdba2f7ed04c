/** The models a leaderboard opens by itself, one line each: "owner/name q8 My label", or the name of a bundled model. */
import { Problem } from '../../base/problem.ts';
import { shortList } from '../../data/names.ts';
import type { ModelValue } from '../../data/values.ts';
import type { WantedModel } from '../kind.ts';

/** A model to open, as a `model` cell would name it. */
export interface ModelEntry {
  readonly source: 'bundled' | 'hub';
  readonly id: string;
  readonly revision: string;
  readonly dtype: ModelValue['dtype'];
  /** '' for the model's own name. */
  readonly label: string;
}

const dtypes = ['fp32', 'fp16', 'q8', 'q4', 'q4f16'] as const satisfies readonly ModelValue['dtype'][];

const isDtype = (word: string | undefined): word is ModelValue['dtype'] => (dtypes as readonly (string | undefined)[]).includes(word);

/** "owner/name", "owner/name@revision", or its page on the hub or a mirror: the last two parts of the path, and a revision after /tree/. */
const pattern = /^(?:https?:\/\/[^/\s]+\/)?(?<id>[\w.-]+(?:\/[\w.-]+)?)(?:@(?<at>[\w./-]+)|\/tree\/(?<tree>[\w.-]+)\/?)?\/?$/;

/** Reads one line; null where it names no model. */
function readEntry(line: string): ModelEntry | null {
  const [address = '', ...rest] = line.trim().split(/\s+/);
  const found = pattern.exec(address)?.groups;
  const id = found?.['id'];
  if (!id) return null;
  const dtype = isDtype(rest[0]) ? rest[0] : 'fp32';
  const label = (isDtype(rest[0]) ? rest.slice(1) : rest).join(' ');
  return { source: id.includes('/') ? 'hub' : 'bundled', id, revision: found['at'] ?? found['tree'] ?? 'main', dtype, label };
}

/**
 * Reads the list.
 * @throws Problem `bad-model`, `model-twice`
 */
export function readEntries(lines: readonly string[], place: string): ModelEntry[] {
  const entries = lines.filter((line) => line.trim() !== '').map((line) => {
    const entry = readEntry(line);
    if (entry) return entry;
    throw new Problem({ code: 'bad-model', place, what: `hub has ${JSON.stringify(line)}, which names no model`, fix: 'Write "owner/name", and if you like a precision and a label after it: "owner/name q8 My label"; or the name of a bundled model.' });
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
    const entry = readEntry(line);
    return entry ? { source: entry.source, id: entry.id, dtype: entry.dtype } : { source: 'hub', id: line.trim(), dtype: '' };
  });
}
