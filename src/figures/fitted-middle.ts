/** Text cut in its middle, for names that differ at their ends ("a model, layer 3"). */
import { fitted, textWidth } from './plot.ts';

/** Characters at the end that always stay. */
const tail = 11;

/** The text where it fits, else its start, an ellipsis and its end. */
export function fittedMiddle(text: string, width: number, size = 12): string {
  if (textWidth(text, size) <= width || text.length <= 2 * tail) return fitted(text, width, size);
  const end = text.slice(-tail).trimStart();
  return `${fitted(text.slice(0, -tail), width - textWidth(end, size), size)}${end}`;
}
