/** How high the values of a leaderboard can come: a ceiling cell's, or from the reference's own SDs and numbers of raters. */
import { rdmComparators, type RdmComparator } from '../../data/comparators.ts';
import type { RsaCeiling, RsaRow } from '../../data/rsa.ts';
import type { RepresentationValue } from '../../data/values.ts';
import type { Alignment } from '../../rsa/align.ts';
import type { RsaServices } from '../../rsa/analyse.ts';
import type { SetPlan } from '../../rsa/choose.ts';
import { ceilingFromReliability, spreadOf } from '../../rsa/raters/reliability-ceiling.ts';
import type { RunContext } from '../kind.ts';
import { ceilingOf } from '../rsa/ceiling.ts';
import { treatmentOf } from '../treatment.ts';
import type { Params } from './gather.ts';

/** Simulated norming studies; as many as a ceiling cell makes unless told otherwise. */
const simulations = 200;

interface Asked {
  readonly params: Params;
  readonly reference: RepresentationValue;
  readonly plan: SetPlan;
  /** The rows of the ranking. */
  readonly rows: readonly RsaRow[];
  /** The words they are of. */
  readonly alignment: Alignment;
}

/** The ceiling that the cell asks for; null for none, and where automatic finds nothing to make one of. */
export async function ceilingFor({ params, reference, plan, rows, alignment }: Asked, context: RunContext, services: RsaServices): Promise<RsaCeiling | null> {
  if (params.ceiling !== 'automatic') return ceilingOf(params, reference, rows, context);
  const { comparator, level, seed } = params;
  if (!isRdmComparator(comparator) || params.metric === 'crossnobis' || (!reference.spread && reference.measuredBy?.by !== 'rater')) return null;
  const settings = { treatment: treatmentOf(params), comparator, over: 'raters', bootstrap: 0, simulations, wordFolds: 1, raterFolds: 0, level, seed } as const;
  const { row } = await ceilingFromReliability(plan, spreadOf(reference, params.reference, services.place), alignment, settings, services);
  return { from: 'reliability', measuredBy: null, rows: [{ set: row.set, lower: row.lower, upper: row.upper }] };
}

function isRdmComparator(comparator: string): comparator is RdmComparator {
  return (rdmComparators as readonly string[]).includes(comparator);
}
