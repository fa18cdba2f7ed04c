/** Files that are made of a tuned model on demand; see Kind.exports. */

/** Name of the one that merges. */
export const mergedExport = 'merged';

export const modelExports = { [mergedExport]: () => import('./merged.ts') };
