/** What a new cell says before the reader writes in it: the cells it most likely reads. */
import type { Kind } from '../kinds/kind.ts';
import type { BodyValue } from '../notebook/body.ts';
import type { Node } from '../notebook/graph.ts';

/**
 * The cells that a new one names: of those that fit, the nearest above, but of references the first.
 * @param above cells that stand before the new one, in the notebook's order.
 */
export function referencesFor(kind: Kind, above: readonly Node[]): Record<string, BodyValue> {
  const params: Record<string, BodyValue> = {};
  for (const [key, field] of Object.entries(kind.fields)) {
    if (field.default !== undefined || (field.control !== 'cell' && field.control !== 'cells')) continue;
    const fits = above.filter((node) => node.kind && field.accepts.includes(node.kind.produces)).map((node) => node.cell.name);
    const [first] = fits;
    const last = fits.at(-1);
    if (field.control === 'cells' && last !== undefined) params[key] = [last];
    else if (field.control === 'cell' && first !== undefined) params[key] = key === 'reference' ? first : (last ?? first);
  }
  return params;
}
