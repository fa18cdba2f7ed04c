/** A cell that is compared with itself: every value is 1, which says nothing. */
import { Problem } from '../base/problem.ts';
import type { RepresentationValue } from '../data/values.ts';
import { chooseLayers, isRatings } from '../rsa/choose.ts';

/** The reference, what is compared with it, and the layers that are read of hidden states. */
export interface Compared {
  readonly reference: string;
  readonly others: readonly string[];
  /** The field that names the others. */
  readonly field: string;
  readonly layers: readonly string[];
}

/**
 * Refuses the reference among what it is compared with. Of hidden states the last layer is the reference, so that earlier
 * layers may be candidates.
 *
 * @throws Problem `same-cell`
 */
export function requireOther({ reference, others, field, layers }: Compared, representation: RepresentationValue, place: string): void {
  if (!others.includes(reference)) return;
  const last = representation.layers.at(-1)!;
  const layered = !isRatings(representation) && representation.layers.length > 1;
  if (layered && !chooseLayers(representation, reference, layers, place).includes(last)) return;
  throw new Problem({
    code: 'same-cell', place, what: `${field} names ${reference}, which is the reference${layered ? `, with ${last.name}` : ''}: compared with itself it says nothing`,
    fix: `Name another cell in ${field}${layered && field === 'candidates' ? ', or leave the last layer out of layers' : ''}.`,
  });
}
