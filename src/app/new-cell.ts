/** What a new cell says before the reader writes in it: the cells it most likely reads. */
import type { Kind } from '../kinds/kind.ts';
import type { BodyValue } from '../notebook/body.ts';
import type { Node } from '../notebook/graph.ts';

/**
 * The cells that a new one names: of those that fit, the nearest above, but of references the first that
 * needs no attention. Of fields that could stay empty, only those that the kind wants filled; lists of them take all cells of the
 * first type they accept.
 * @param above cells that stand before the new one, in the notebook's order.
 */
export function referencesFor(kind: Kind, above: readonly Node[]): Record<string, BodyValue> {
  const params: Record<string, BodyValue> = {};
  for (const [key, field] of Object.entries(kind.fields)) {
    if (field.control !== 'cell' && field.control !== 'cells') continue;
    if (field.default !== undefined && !kind.filled?.includes(key)) continue;
    if (field.default !== undefined && field.control === 'cells') {
      const all = above.filter((node) => node.kind?.produces === field.accepts[0] && node.problems.length === 0).map((node) => node.cell.name);
      if (all.length > 0) params[key] = all;
      continue;
    }
    const fits = above.filter((node) => node.kind && field.accepts.includes(node.kind.produces) && (key !== 'reference' || node.problems.length === 0)).map((node) => node.cell.name);
    const [first] = fits;
    const last = fits.at(-1);
    if (field.control === 'cells' && last !== undefined) params[key] = [last];
    else if (field.control === 'cell' && first !== undefined) params[key] = key === 'reference' ? first : (last ?? first);
  }
  return params;
}
