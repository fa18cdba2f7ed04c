/** The numbers behind the figures of a `raters` cell: columns that say nothing are left out, and each p says what it tests. */
import type { RatersDifference, RatersRow, RatersValue } from '../../data/raters.ts';
import { setLabel } from '../../figures/metric.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, count, difference, pValue } from '../../ui/format.ts';

type Read<Row> = (row: Row) => number | null | undefined;

const number = (value: number | null | undefined): number => value ?? Number.NaN;
const bareP = (p: number | null | undefined): string => pValue(p).replace(/^p (= )?/, '') || '–';

const statistic = <Row>(label: string, note: string, read: Read<Row>, text: (value: number | null | undefined) => string = correlation): TableColumn<Row> =>
  ({ label, ...(note ? { note } : {}), value: (row) => number(read(row)), text: (row) => text(read(row)), numeric: true });
const p = <Row>(note: string, read: Read<Row>): TableColumn<Row> => statistic('p', note, read, bareP);
const whole = <Row>(label: string, read: (row: Row) => number): TableColumn<Row> => ({ label, value: read, text: (row) => count(read(row)), numeric: true });

/** SE and both ends of an interval, all from one source. */
const spread = <Row>(note: string, of: (row: Row) => Pick<RatersRow, 'interval'> & { readonly se: number } | null): TableColumn<Row>[] => [
  statistic('SE', note, (row) => of(row)?.se),
  statistic('low', note, (row) => of(row)?.interval?.[0]),
  statistic('high', note, (row) => of(row)?.interval?.[1]),
];

/** The set's column, unless all dimensions are the only set. */
const setColumn = <Row extends RatersRow | RatersDifference>(rows: readonly Row[]): TableColumn<Row>[] =>
  (rows.some(({ set }) => set !== 'all') ? [{ label: 'set', value: (row) => setLabel(row.set) }] : []);

/** Whether some candidate has layers to tell apart; ratings have one, called that. */
const isLayered = ({ rows }: RatersValue): boolean => rows.some(({ layer }) => layer !== 'ratings');

export function rowColumns(value: RatersValue): readonly TableColumn<RatersRow>[] {
  return [
    { label: 'candidate', value: (row) => row.candidate },
    ...(isLayered(value)
      ? [{ label: 'layer', value: (row: RatersRow) => row.layer }, { label: 'layer index', value: (row: RatersRow) => row.layerIndex, numeric: true }]
      : []),
    ...setColumn(value.rows),
    statistic('mean', '', (row) => row.value),
    ...spread<RatersRow>('t', (row) => row),
    p('t', (row) => row.p),
    ...(value.bootstrap > 0 ? [...spread<RatersRow>('bootstrap', (row) => row.bootstrap), p<RatersRow>('bootstrap', (row) => row.bootstrap?.p)] : []),
    p('Wilcoxon', (row) => row.pWilcoxon),
    p('t, ceiling', (row) => row.pCeiling),
    p('Wilcoxon, ceiling', (row) => row.pWilcoxonCeiling),
    whole(`${value.measuredBy}s`, (row) => row.raters),
    whole('words', (row) => row.n),
    whole('pairs', (row) => row.pairs),
    // Last: there may be dozens, and the figure has them as dots.
    ...value.raters.map((rater, s) => statistic<RatersRow>(rater, '', (row) => row.values[s])),
  ];
}

export function differenceColumns(value: RatersValue): readonly TableColumn<RatersDifference>[] {
  const layered = isLayered(value);
  const side = (name: 'a' | 'b'): TableColumn<RatersDifference>[] => [
    { label: name, value: (row) => row[name].candidate },
    ...(layered ? [{ label: `layer of ${name}`, value: (row: RatersDifference) => row[name].layer }] : []),
  ];
  return [
    ...side('a'),
    ...side('b'),
    ...setColumn(value.differences),
    statistic('a − b', '', (row) => row.value, difference),
    ...spread<RatersDifference>('t', (row) => row),
    p('t', (row) => row.p),
    p('t, Holm', (row) => row.pAdjusted),
    ...(value.bootstrap > 0
      ? [...spread<RatersDifference>('bootstrap', (row) => row.bootstrap), p<RatersDifference>('bootstrap', (row) => row.bootstrap?.p), p<RatersDifference>('bootstrap, Holm', (row) => row.bootstrap?.pAdjusted)]
      : []),
    p('Wilcoxon', (row) => row.pWilcoxon),
  ];
}

/** What each p of {@link rowColumns} tests. */
export function rowPs({ bootstrap, measuredBy }: RatersValue): string {
  return [
    `In the table p by t asks whether the mean over ${measuredBy}s is above 0 (one-sided),`,
    bootstrap > 0 ? 'p of the bootstrap the same with its own SE,' : '',
    'p by Wilcoxon whether the values lie around 0 (two-sided), and p of the ceiling whether they lie around its lower end, taken as known (two-sided).',
  ].filter(Boolean).join(' ');
}

/** What each p of {@link differenceColumns} tests. */
export function differencePs({ bootstrap, differences }: RatersValue): string {
  return [
    'In the table p by t asks whether the mean difference is 0,',
    bootstrap > 0 ? 'p of the bootstrap the same with its own SE,' : '',
    `p by Wilcoxon whether the differences lie around 0; all two-sided${differences.length > 1 ? ', Holm’s over all differences of the cell' : ''}.`,
  ].filter(Boolean).join(' ');
}
