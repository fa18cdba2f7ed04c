/** The files of a model on the hub or a mirror: downloaded once per commit, checked against what the hub lists, and kept. */
import { commitHeader, commitPattern, publicHub } from '../../base/hub.ts';
import { Problem } from '../../base/problem.ts';
import type { Watch } from '../../base/progress.ts';
import { download } from '../download.ts';
import { missingFile, withRead, type ModelFiles } from '../model-files.ts';
import { encodedPath, type HubOptions } from './address.ts';
import { keptModels } from './kept.ts';
import { KeptFile, openHubCache, partBytes } from './kept-file.ts';
import { hubTree, keepTree, keptTree, type HubTree } from './tree.ts';

/** A branch's entry says what it stood for when it was last asked; its content is nothing's. */
interface Branch {
  remember(commit: string): Promise<void>;
  last(): Promise<string | null>;
}

function branchOf(host: string, id: string, revision: string): Branch {
  // The address of old: entries of earlier versions serve on.
  const address = `${host}/${id}/resolve/${encodeURIComponent(revision)}/config.json`;
  return {
    remember: async (commit) => {
      const cache = await openHubCache();
      // Without it only the offline use of the branch's name is lost.
      if (cache) await new KeptFile(cache, address, { host, id, commit: revision, path: 'config.json' }).save(new Uint8Array(0), { [commitHeader]: commit }).catch(() => undefined);
    },
    last: async () => (await (await openHubCache())?.match(address))?.headers.get(commitHeader) ?? null,
  };
}

/** The commit that a revision stood for when it was last asked, if files of it are kept here; null where none are. */
export async function lastCommit(id: string, host: string, revision: string): Promise<string | null> {
  const commit = commitPattern.test(revision) ? revision : await branchOf(host, id, revision || 'main').last();
  // What the branch stood for is remembered also when the files have been let go.
  return (await keptModels()).some((model) => model.id === id && model.host === host && model.commit === commit && model.files.length > 0) ? commit : null;
}

/** Says that an earlier download serves, and why. @param what "the host answered with status 500". */
export function keptServes(what: string, id: string, commit: string): string {
  return `${what}; the copy of ${id} kept from commit ${commit.slice(0, 7)} is used`;
}

/** Says that a web page came where there is or should be a file. */
function pageCame(path: string, id: string, host: string): Problem {
  return new Problem({
    code: 'download-failed', place: `model ${id}, ${path}`, what: `${new URL(host).host} answered with a web page in place of the file`,
    fix: `Open ${host}/${id} in this browser: the network may ask to sign in first. Then run the cell again; if it stays, check the model’s id and the address of the hub.`,
  });
}

/** Options of {@link hubFiles}: the commit, where it is known already what the revision stands for. */
export interface HubFilesOptions extends HubOptions {
  readonly commit?: string;
}

/**
 * A model of the Hugging Face hub. Files are downloaded once per commit and kept in Cache Storage; from a host that
 * does not name the commit they are used and not kept, since a branch moves.
 */
export function hubFiles(id: string, options: HubFilesOptions = {}): ModelFiles {
  const host = options.host ?? publicHub;
  const revision = options.revision || 'main';
  const fix = `See which files it has at ${host}/${id}/tree/${revision}; another precision may be there, under onnx/.`;
  const warn = options.warn ?? (() => undefined);
  const branch = branchOf(host, id, revision);
  let commit: Promise<string> | null = null;
  let tree: Promise<HubTree | null> | null = null;
  let treeKept = false;
  /** Whether the list was asked for in vain. */
  let unlisted = false;

  const addressAt = (at: string, path: string): string => `${host}/${id}/resolve/${encodeURIComponent(at)}/${encodedPath(path)}`;
  const fileAt = async (at: string, path: string): Promise<KeptFile | null> => {
    const cache = commitPattern.test(at) ? await openHubCache() : null;
    return cache && new KeptFile(cache, addressAt(at, path), { host, id, commit: at, path });
  };

  /** Branches move, so the hub is asked what they stand for; without a network the last answer holds. */
  const resolve = async (watch?: Watch): Promise<string> => {
    if (commitPattern.test(revision)) return revision;
    if (options.commit) {
      await branch.remember(options.commit);
      return options.commit;
    }
    let answer;
    try {
      answer = await download(addressAt(revision, 'config.json'), 'config.json', watch, { noPages: true });
      if (answer.page) throw pageCame('config.json', id, host);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const last = await lastCommit(id, host, revision);
      if (!last) throw error;
      warn(keptServes(error.record.what, id, last));
      return last;
    }
    if (answer.status === 404) throw missingFile('config.json', id, `No such model or revision at ${host}/${id}; check the id and the revision ${revision}.`);
    const at = answer.headers.get(commitHeader) ?? '';
    if (!commitPattern.test(at)) {
      warn(`${host} does not say which commit ${revision} of ${id} is: its files are downloaded each time, and this result holds for today's ${revision} only; name a commit as the revision to pin it`);
      return revision;
    }
    await branch.remember(at);
    await (await fileAt(at, 'config.json'))?.save(answer.bytes).catch(() => undefined);
    return at;
  };
  const commitOf = (watch?: Watch): Promise<string> => {
    commit ??= resolve(watch).catch((error: unknown) => {
      commit = null;
      throw error;
    });
    return commit;
  };

  /** What the hub lists at the commit; asked for before the first file comes, and never a reason to fail. */
  const treeAt = async (at: string, watch?: Watch): Promise<HubTree | null> => {
    if (!commitPattern.test(at)) return null;
    const before = await keptTree(id, host, at);
    if (before) return before;
    tree ??= hubTree(id, { host, revision: at }, watch).catch((error: unknown) => {
      tree = null;
      unlisted = true;
      // The file itself will tell what is wrong.
      if (error instanceof Problem) return null;
      throw error;
    });
    return tree;
  };

  return {
    source: 'hub',
    id,
    commit: commitOf,
    ...withRead(id, fix, async (path, watch) => {
      const at = await commitOf(watch);
      const keep = await fileAt(at, path);
      const copy = await keep?.whole();
      if (copy) return copy;
      // The host is out of reach: what it did not have need not be asked for once more.
      if (unlisted && (await keep?.isMissing())) return null;
      const listed = (await treeAt(at, watch))?.files;
      if (listed && !listed.has(path)) return null;
      if (!keep && commitPattern.test(at) && (listed?.get(path)?.bytes ?? 0) > partBytes) warn('this browser lets the page keep no downloads here (it is not https): models are downloaded each time');
      const expected = listed?.get(path) ?? null;
      let answer;
      try {
        answer = await download(addressAt(at, path), path, watch, { keep, expected, warn, noPages: true });
      } catch (error) {
        // Not all hosts list what they have: what was not there need not be reached again.
        if (error instanceof Problem && error.code === 'download-failed' && (await keep?.isMissing())) return null;
        throw error;
      }
      if (answer.page) {
        if (expected) throw pageCame(path, id, host);
        // A static host that has no such file, or a network that asks to sign in: nothing to remember.
        return null;
      }
      if (answer.status === 404) {
        await keep?.noteMissing().catch(() => undefined);
        return null;
      }
      if (listed && !treeKept) {
        treeKept = true;
        const known = await keptTree(id, host, at);
        // Without it only work without a network is harder.
        if (known) await keepTree(id, host, known).catch(() => undefined);
      }
      return answer.bytes;
    }),
  };
}
