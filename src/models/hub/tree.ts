/**
 * What the hub's API says about a model at a commit: its files with sizes and hashes, and the facts on its page. Mirrors
 * may have the files alone; then there is no tree, and downloads go without.
 */
import * as v from 'valibot';
import { commitPattern, publicHub } from '../../base/hub.ts';
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { download } from '../download.ts';
import { encodedPath, type HubOptions } from './address.ts';
import { KeptFile, openHubCache } from './kept-file.ts';

/** A file of the hub as it is listed. */
export interface HubFile {
  readonly bytes: number;
  /** Only files in large-file storage have one. */
  readonly sha256: string | null;
}

/** What the hub lists at a commit. */
export interface HubTree {
  readonly commit: string;
  readonly files: ReadonlyMap<string, HubFile>;
  readonly facts: Facts;
}

// Owners write the card by hand (YAML reads the language "no" as false): a fact that cannot be read is none, and must not
// cost the list of files, by which downloads are checked.
const text = v.fallback(v.nullish(v.string()), null);
const texts = v.pipe(v.array(v.unknown()), v.transform((list) => list.filter((one) => typeof one === 'string')));
const words = v.fallback(v.nullish(v.union([v.string(), texts])), null);
const facts = v.looseObject({
  pipeline_tag: text, library_name: text, lastModified: text,
  downloads: v.fallback(v.nullish(v.number()), null),
  gated: v.fallback(v.nullish(v.union([v.boolean(), v.string()])), null),
  tags: v.fallback(v.nullish(texts), null),
  cardData: v.fallback(v.nullish(v.looseObject({ license: words, license_name: text, language: words })), null),
  config: v.fallback(v.nullish(v.looseObject({ architectures: v.fallback(v.nullish(texts), null), model_type: text })), null),
});
const size = v.nullish(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));
const answer = v.looseObject({
  ...facts.entries,
  sha: v.pipe(v.string(), v.regex(commitPattern)),
  siblings: v.array(v.looseObject({ rfilename: v.string(), size, lfs: v.nullish(v.looseObject({ sha256: v.nullish(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))), size })) })),
});

type Facts = v.InferOutput<typeof facts>;

/** Trees by host, id and commit: what belongs to a commit does not change. */
const known = new Map<string, HubTree>();
const nameOf = (host: string, id: string, commit: string): string => `${host} ${id} ${commit}`;

function problem(code: string, id: string, what: string, fix: string): Problem {
  return new Problem({ code, place: `model ${id}`, what, fix });
}

/** Says that a host has no such model; it may be a private one. */
export function missingModel(id: string, host: string, revision: string): Problem {
  return problem('hub-model-missing', id, `${host} has no such model, or no revision ${revision} of it`, id.includes('/') ? `Check the id at ${host}/${id}; it may also be private, which no page can read without an account.` : `The owner is missing: write owner/${id}.`);
}

/** Says that nobody could be asked about a model. */
export function unreachableHub(id: string, what: string): Problem {
  return problem('hub-unreachable', id, what, 'Try again when you are online, name a mirror under More > Settings, or use the model’s files as a local model.');
}

/** Says that a model is had with an account only, which a page has not. */
export function gatedModel(id: string, host: string): Problem {
  return problem('hub-model-gated', id, 'its owner gives it only to accounts that have agreed to its terms', `Agree at ${host}/${id}, download its files there and use them as a local model, or choose another model.`);
}

/** A tree that was read before in this session. */
export function knownTree(id: string, host: string, commit: string): HubTree | undefined {
  return known.get(nameOf(host, id, commit));
}

/** Where the answer about a commit is kept, so that what is kept of a model serves without a network. */
const answerAddress = (id: string, host: string, revision: string): string => `${host}/api/models/${encodedPath(id)}/revision/${encodeURIComponent(revision)}`;

/** What was known of a commit when something of it was downloaded; null where nothing was. */
export async function keptTree(id: string, host: string, commit: string): Promise<HubTree | null> {
  const before = knownTree(id, host, commit);
  if (before) return before;
  const kept = await (await openHubCache())?.match(answerAddress(id, host, commit));
  return kept ? read(await kept.text(), id, host, commit) : null;
}

/** Null for what is no list, and for that of another commit than the one that was asked for: its hashes would be other files'. */
function read(json: string, id: string, host: string, revision: string): HubTree | null {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    // A static host answers with a page.
    return null;
  }
  const parsed = v.safeParse(answer, data);
  if (!parsed.success) return null;
  const { sha, siblings } = parsed.output;
  if (commitPattern.test(revision) && sha !== revision) return null;
  const files = new Map(siblings.flatMap(({ rfilename, size, lfs }): [string, HubFile][] => {
    const bytes = lfs?.size ?? size;
    return typeof bytes === 'number' ? [[rfilename, { bytes, sha256: lfs?.sha256 ?? null }]] : [];
  }));
  // An older mirror lists names without sizes, which is of no use here.
  if (files.size < siblings.length) return null;
  const tree = { commit: sha, files, facts: parsed.output };
  known.set(nameOf(host, id, sha), tree);
  return tree;
}

/** Keeps what is known of a commit, beside its files. */
export async function keepTree(id: string, host: string, { commit, files, facts: { pipeline_tag, library_name, lastModified, downloads, gated, tags, cardData, config } }: HubTree): Promise<void> {
  const cache = await openHubCache();
  const siblings = Array.from(files, ([rfilename, { bytes, sha256 }]) => ({ rfilename, size: bytes, ...(sha256 ? { lfs: { sha256, size: bytes } } : {}) }));
  const card = cardData ? { license: cardData.license, license_name: cardData.license_name, language: cardData.language } : undefined;
  const about = { sha: commit, siblings, pipeline_tag, library_name, lastModified, downloads, gated, tags, cardData: card, config: config ? { architectures: config.architectures, model_type: config.model_type } : undefined };
  if (cache) await new KeptFile(cache, answerAddress(id, host, commit), { host, id, commit, path: '' }).save(new TextEncoder().encode(JSON.stringify(about)));
}

/**
 * Asks the hub about a model: one request.
 * @returns null where the host answers, and has no such API.
 * @throws Problem `hub-unreachable`, `hub-model-missing` or `hub-model-gated`; an AbortError after cancel.
 */
export async function hubTree(id: string, options: HubOptions, watch: Watch = {}): Promise<HubTree | null> {
  const host = options.host ?? publicHub;
  const revision = options.revision || 'main';
  if (commitPattern.test(revision)) {
    const before = await keptTree(id, host, revision);
    if (before) return before;
  }
  const address = `${answerAddress(id, host, revision)}?blobs=true`;
  const signal = watch.signal ? { signal: watch.signal } : {};
  const given = await download(address, `facts about ${id}`, signal, { cache: 'no-cache', answers: [401, 403, 404, 405, 501] }).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    throw unreachableHub(id, error.record.what);
  });
  const code = given.headers.get('x-error-code') ?? '';
  if (given.status === 403 || code === 'GatedRepo') throw gatedModel(id, host);
  if (given.status === 401 || code !== '') throw missingModel(id, host, revision);
  return given.status === 200 ? read(new TextDecoder().decode(given.bytes), id, host, revision) : null;
}
