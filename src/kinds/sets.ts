/** The field of dimension sets, shared by the kinds that compare ratings: three sets, and behind them the single dimensions. */
import { dimensionLabel, dimensionSetNamed, dimensionSets, type DimensionSet } from '../data/dimensions.ts';
import { field, type ChoicesField } from './field.ts';

/** @param help the field's help, which differs by what a kind does with hidden states */
export function setsField(help: string): ChoicesField<DimensionSet> {
  return field.choices(dimensionSets, { label: 'Dimension sets', help, default: ['all'], also: dimensionSetNamed, labelOf: dimensionLabel, fold: { first: 3, heading: 'Single dimensions' } });
}
