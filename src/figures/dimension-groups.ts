/** Dimensions in the order of figures: senses, effectors, and any others. */
import { dimensionNamed, dimensions } from '../data/dimensions.ts';

/** Groups with a heading each ('' where there is nothing to tell apart), empty ones left out. */
export function dimensionGroups(ids: readonly string[]): { readonly heading: string; readonly rows: readonly string[] }[] {
  const order = (id: string) => dimensions.indexOf(dimensionNamed(id)!);
  const known = (set: 'sensory' | 'motor') => ids.filter((id) => dimensionNamed(id)?.set === set).sort((a, b) => order(a) - order(b));
  const other = ids.filter((id) => !dimensionNamed(id));
  return [
    { heading: 'Sensory', rows: known('sensory') },
    { heading: 'Motor', rows: known('motor') },
    { heading: known('sensory').length + known('motor').length ? 'Other' : '', rows: other },
  ].filter((group) => group.rows.length);
}
