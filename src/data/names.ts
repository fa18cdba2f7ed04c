/** Names that readers type: close matches for "did you mean", and lists that stay short in messages. */
import { editDistance } from '../base/nearest.ts';

/** The names nearest to what was typed, best first; none where nothing is near. */
export function closeNames(typed: string, names: readonly string[], most = 3): string[] {
  const wanted = typed.toLowerCase();
  const limit = Math.max(2, Math.ceil(typed.length / 3));
  return names
    .map((name) => {
      const contained = wanted.length > 2 && name.toLowerCase().includes(wanted);
      return { name, distance: contained ? 1 : editDistance(wanted, name.toLowerCase()) };
    })
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** "a, b, c and 5 more". */
export function shortList(items: readonly (string | number)[], most = 5): string {
  if (items.length <= most) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}

/** "Did you mean Word?" or, where nothing is close, the names there are. */
export function suggestion(typed: string, names: readonly string[], what = 'Columns'): string {
  const close = closeNames(typed, names);
  return close.length > 0 ? `Did you mean ${close.join(' or ')}?` : `${what}: ${shortList(names, 12)}.`;
}
