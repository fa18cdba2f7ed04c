/** How a model of the hub is named: "owner/name", with a revision, or by the address of its page on the hub or a mirror. */
import { publicHub } from '../../base/hub.ts';
import { Problem } from '../../base/problem.ts';

/** Where a model of the hub is looked for. */
export interface HubOptions {
  /** Branch, tag or commit; 'main' by default. */
  readonly revision?: string;
  /** Where the hub is, without a slash at the end; a mirror has the same paths. */
  readonly host?: string;
  /** Told what the reader should know of a read that went well (not kept, taken from an earlier download). */
  readonly warn?: (message: string) => void;
}

/** A model as it is named. */
export interface HubAddress {
  /** "owner/name"; the oldest models of the hub have no owner. */
  readonly id: string;
  /** Null where none is named. */
  readonly revision: string | null;
  /** A mirror that is named, without a slash at the end; null for the hub that is set. */
  readonly host: string | null;
}

/** All names of the public hub: whoever copies an address from there means the hub, also where a mirror stands in for it. */
const publicNames = new Set([new URL(publicHub).host, 'www.huggingface.co', 'hf.co']);
/** What follows the id in the address of a page or a file. */
const pages = new Set(['tree', 'blob', 'resolve', 'raw', 'commit', 'discussions', 'edit']);
const withRevision = new Set(['tree', 'blob', 'resolve', 'raw', 'commit']);
const part = /^[\w-][\w.-]*$/;

function wrong(text: string, why: string): Problem {
  return new Problem({
    code: 'hub-id',
    place: 'model',
    what: text.trim() === '' ? 'no model is named' : `"${text}" names no model of the hub: ${why}`,
    fix: 'Write owner/name, owner/name@revision, or the address of the model’s page.',
  });
}

function checked(text: string, parts: readonly string[], revision: string | null, host: string | null): HubAddress {
  if (parts.length === 0 || parts.length > 2) throw wrong(text, 'an id is owner/name');
  const odd = parts.find((name) => !part.test(name) || name.includes('..'));
  if (odd !== undefined) throw wrong(text, `"${odd}" is no name; names are of letters, digits, "-", "_" and "."`);
  return { id: parts.join('/'), revision: revision || null, host };
}

/**
 * Reads "owner/name", "owner/name@revision" or an address, such as https://huggingface.co/owner/name/tree/main. In the
 * address of a mirror, the two parts before /tree/ (or the last two) are the id, and what stands before them is the mirror.
 * @throws Problem `hub-id`.
 */
export function parseHubAddress(given: string): HubAddress {
  const text = given.trim();
  // People leave https:// out where the browser does.
  const bare = publicNames.has(text.split('/')[0]!.toLowerCase());
  if (!bare && !/^https?:\/\//i.test(text)) {
    const at = text.indexOf('@');
    const id = at < 0 ? text : text.slice(0, at);
    return checked(given, id.split('/'), at < 0 ? null : text.slice(at + 1).trim(), null);
  }
  const address = bare ? `https://${text}` : text;
  if (!URL.canParse(address)) throw wrong(given, 'the address cannot be read');
  const url = new URL(address);
  if (url.username || url.password) throw wrong(given, 'an address with a name or a password would show it to every reader');
  let parts: string[];
  try {
    parts = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    throw wrong(given, 'the address cannot be read');
  }
  const ours = publicNames.has(url.host.toLowerCase());
  if (['datasets', 'spaces', 'collections', 'docs'].includes(parts[0] ?? '')) throw wrong(given, `it is the address of ${parts[0]}, not of a model`);
  if (parts[0] === 'api' && parts[1] === 'models') parts = parts.slice(2);
  else if (ours && parts[0] === 'models') parts = parts.slice(1);
  // A model may itself be called "tree".
  const page = parts.findIndex((name, index) => index > 0 && pages.has(name));
  const before = page < 0 ? parts : parts.slice(0, page);
  const last = before.at(-1) ?? '';
  const at = last.indexOf('@');
  const named = at < 0 ? before : [...before.slice(0, -1), last.slice(0, at)];
  const revision = page >= 0 && withRevision.has(parts[page]!) ? (parts[page + 1] ?? null) : at < 0 ? null : last.slice(at + 1);
  const id = named.slice(ours ? 0 : -2);
  const prefix = named.slice(0, named.length - id.length).map((name) => `/${encodeURIComponent(name)}`).join('');
  return checked(given, id, revision, ours ? null : url.origin + prefix);
}

/** The path of an id or a revision in an address. */
export function encodedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
