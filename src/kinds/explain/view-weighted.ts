/** Weighted RSA on words that were not fitted: each way of using the predictors, with its folds. */
import type { TemplateResult } from 'lit';
import type { ExplainValue, ExplainWeighted, SchemeResult } from '../../data/explain.ts';
import { dotRows } from '../../figures/dot-rows.ts';
import { chart, figure } from '../../figures/figure.ts';
import { named } from '../../figures/origin.ts';
import { legend, type Series } from '../../figures/series.ts';
import { nWords } from '../../figures/words-and-n.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, counted, listed } from '../../ui/format.ts';

const comparators = {
  spearman: 'Spearman ρ', pearson: 'Pearson r', cosine: 'cosine', 'whitened-pearson': 'whitened Pearson r', 'whitened-cosine': 'whitened cosine',
} as const satisfies Record<ExplainValue['comparator'], string>;

const schemes = {
  weighted: 'non-negative weights', selected: 'the best one', interpolated: 'two layers, mixed', equal: 'equal weights',
} as const satisfies Record<Exclude<SchemeResult['scheme'], 'single'>, string>;

const nameOf = (one: SchemeResult): string => (one.scheme === 'single' ? one.predictor : schemes[one.scheme]);

interface Line extends SchemeResult {
  /** Mean weight over folds and how often the predictor was chosen; NaN for schemes. */
  readonly weight: number;
  readonly chosen: number;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function linesOf(weighted: ExplainWeighted): Line[] {
  return weighted.schemes.map((one) => {
    const at = one.scheme === 'single' ? weighted.predictors.indexOf(one.predictor) : -1;
    return {
      ...one,
      weight: at < 0 ? Number.NaN : meanOf(weighted.folds.map((fold) => fold.weights[at]!)),
      chosen: at < 0 ? Number.NaN : weighted.folds.filter((fold) => fold.selected === one.predictor).length,
    };
  });
}

const columnsFor = (folds: number): readonly TableColumn<Line>[] => [
  { label: 'way', value: (row) => (row.scheme === 'single' ? 'one alone' : nameOf(row)) },
  { label: 'predictor', value: (row) => row.predictor },
  { label: 'mean', value: (row) => row.value, text: (row) => correlation(row.value), numeric: true },
  ...Array.from({ length: folds }, (_, at): TableColumn<Line> => ({ label: `fold ${at + 1}`, value: (row) => row.folds[at]!, text: (row) => correlation(row.folds[at]), numeric: true })),
  { label: 'mean weight', value: (row) => row.weight, text: (row) => correlation(row.weight), numeric: true },
  { label: 'chosen in folds', value: (row) => row.chosen, text: (row) => (Number.isNaN(row.chosen) ? '–' : String(row.chosen)), numeric: true },
];

export function weightedFigure(value: ExplainValue, weighted: ExplainWeighted, suffix: string): TemplateResult {
  const title = `Weighted RSA on held-out words${suffix}`;
  const lines = linesOf(weighted);
  const mean: Series = { label: 'mean over folds', colour: 'var(--series-1)', symbol: 'diamond' };
  const fold: Series = { label: 'one fold', colour: 'var(--ink-3)', symbol: 'circle' };
  const ways = lines.filter(({ scheme }) => scheme !== 'single');
  const single = lines.filter(({ scheme }) => scheme === 'single');
  const best = [...single].sort((a, b) => b.value - a.value)[0]!;
  const [fitted, chosen] = [ways.find(({ scheme }) => scheme === 'weighted')!, ways.find(({ scheme }) => scheme === 'selected')!];
  const heaviest = [...single].filter(({ weight }) => weight > 0.005).sort((a, b) => b.weight - a.weight).slice(0, 3).map((one) => `${one.predictor} ${correlation(one.weight, 2)}`);
  return figure({
    title,
    summary: `Similarity (${comparators[value.comparator]}) to ${named(value.reference, value.referenceOrigin)} on words that nothing was fitted to: ${correlation(fitted.value)} with weights fitted on the other words, ${correlation(chosen.value)} with the predictor that was best there; alone at best ${best.predictor}, ${correlation(best.value)}.`,
    notes: [
      `${counted(weighted.folds.length, 'fold')} of the words (${nWords([weighted])}). Pairs of a fitted and a held-out word are used in neither. Folds share fitted words, so their scatter is no standard error.`,
      heaviest.length ? `Mean weights (length 1): ${listed(heaviest)}. Weights of predictors that are alike trade places; they are no measure of importance.` : 'No predictor got weight.',
      ways.some(({ scheme }) => scheme === 'interpolated') ? '“Two layers, mixed”: two layers of one candidate, next to each other among those chosen (others may lie between), added in the shares that were best on the fitted words.' : '',
      'Controls are no part of it. The best predictor alone is picked after the fact; “the best one” is not.',
    ],
    origins: [value.referenceOrigin],
    legend: legend([mean, fold]),
    body: chart(title, dotRows({
      label: title,
      axis: `RSA on held-out words (${comparators[value.comparator]})`,
      groups: [{ heading: 'together', rows: ways.map(nameOf) }, { heading: 'one alone', rows: single.map(nameOf) }],
      dots: lines.flatMap((line) => [
        ...line.folds.map((one, at) => ({ row: nameOf(line), series: fold, value: one, interval: null, detail: [`fold ${at + 1}`] })),
        { row: nameOf(line), series: mean, value: line.value, interval: null, detail: [] },
      ]),
    }), [value, weighted]),
    table: { columns: columnsFor(weighted.folds.length), rows: lines },
  });
}
