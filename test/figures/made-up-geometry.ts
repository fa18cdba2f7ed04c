/** Values of `geometry` cells, made by the cell itself from made-up RDMs. */
import type { GeometryValue } from '../../src/data/geometry.ts';
import type { RdmValue } from '../../src/data/values.ts';
import { run } from '../../src/kinds/geometry/run.ts';
import { fields } from '../../src/kinds/geometry/schema.ts';
import { contextOf, paramsOf } from '../kinds/context.ts';
import { madeUpRdm } from './made-up.ts';

function geometryOf(inputs: Readonly<Record<string, RdmValue>>, params: Readonly<Record<string, unknown>> = {}): Promise<GeometryValue> {
  return run(paramsOf(fields, { of: Object.keys(inputs), ...params }), contextOf('geometry', { inputs }));
}

const norms = (n: number): RdmValue => madeUpRdm(n, 1, { label: 'norms', origin: 'illustrative', metric: 'euclidean' });

export const madeUpWordMap = await geometryOf({ norms: norms(48), small: madeUpRdm(48, 3) }, { axes: 3 });
export const madeUpLargeMap = await geometryOf({ small: madeUpRdm(320, 2) }, { method: 'non-metric', steps: 20, linkage: 'ward' });
export const madeUpRdmMap = await geometryOf({ small: madeUpRdm(30, 7), larger: madeUpRdm(30, 9, { label: 'a larger model whose name goes on' }), norms: norms(30) }, { show: 'rdms', method: 'smacof' });
export const madeUpTinyMap = await geometryOf({ small: madeUpRdm(3, 1, { categories: [], label: 'three words' }) });
