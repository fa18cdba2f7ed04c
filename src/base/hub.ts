/** Where models are downloaded from: the public hub unless the reader names a mirror. */
import { Problem } from './problem.ts';

/** The Hugging Face hub; without a slash at the end. */
export const publicHub = 'https://huggingface.co';

/** How a commit is written; a branch or a tag never looks like it. */
export const commitPattern = /^[0-9a-f]{40}$/;

/** Where a hub's answers name the commit that a revision stands for. */
export const commitHeader = 'x-repo-commit';

function wrong(what: string, fix: string): Problem {
  return new Problem({ code: 'hub-address', place: 'hub address', what, fix });
}

/**
 * Reads the address of a hub or of a mirror with the hub's paths, as somebody types it: a host alone is taken as https.
 * @returns the address without a slash at the end.
 * @throws Problem `hub-address` for what is no address of the web, or carries a password, a query or a fragment.
 */
export function readHubAddress(typed: string): string {
  const text = typed.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const example = `Write it like ${publicHub} or http://models.lab.example:8080.`;
  if (!text || /\s/.test(text) || !URL.canParse(address)) throw wrong(text ? `${text} is no address` : 'there is no address', example);
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong(`${text} begins with ${url.protocol}, which no hub answers`, example);
  if (url.username || url.password) throw wrong('the address carries a name or a password', 'Name a mirror that answers without one; whoever sees this page or a run card would see it.');
  if (url.search || url.hash) throw wrong(`${text} goes on with ${url.search || url.hash}`, `Leave out what comes after the path. ${example}`);
  return url.href.replace(/\/+$/, '');
}

/** The host of a hub's address, with its port: how the hub is named to the reader. */
export function hubName(hub: string): string {
  return URL.canParse(hub) ? new URL(hub).host : hub;
}

/** Whether browsers keep a page from reading a hub: one that came over https reads over http from its own machine alone. */
export function mixedContent(hub: string, page: string): boolean {
  const target = new URL(hub);
  const loopback = target.hostname === 'localhost' || target.hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(target.hostname);
  return new URL(page).protocol === 'https:' && target.protocol === 'http:' && !loopback;
}
