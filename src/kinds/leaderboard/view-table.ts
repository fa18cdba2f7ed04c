/** Tables of a leaderboard: the short one that is read, and all that is known, for csv. */
import type { LeaderboardModel, LeaderboardValue } from '../../data/leaderboard.ts';
import type { RsaDifference } from '../../data/rsa.ts';
import { rankedModel } from '../../figures/leaderboard.ts';
import type { Series } from '../../figures/series.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { bytes, compact, correlation, count, decimal, difference, interval, NONE, percent, pValue } from '../../ui/format.ts';

const number = (value: number | null | undefined): number => value ?? Number.NaN;

/** A p as a table's cell. */
export const bare = (p: number | null | undefined): string => pValue(p).replace(/^p (= )?/, '') || NONE;

/** The value over the lower end of the ceiling, which another group of people would reach; NaN of a value that its choice of layer flatters. */
export function shareOfCeiling({ ceiling, choice }: LeaderboardValue, { row }: LeaderboardModel): number {
  if (choice === 'same-words') return NaN;
  const lower = ceiling?.rows.find(({ set }) => set === row.set)?.lower ?? NaN;
  return lower > 0 ? row.value / lower : NaN;
}

/** Of a model and the first: the first minus it. */
export function fromFirst({ models, differences }: LeaderboardValue, { label }: LeaderboardModel): RsaDifference | undefined {
  return differences.find(({ a, b }) => a.candidate === models[0]!.label && b.candidate === label);
}

function layerText({ row, layers, card }: LeaderboardModel): string {
  // Layer 0 is the embeddings.
  return card === null && layers === 1 && row.layer === 'ratings' ? NONE : row.layer;
}

/** The columns that are read; those in which every model is empty are left out. */
export function shortColumns(value: LeaderboardValue, series: ReadonlyMap<string, Series>): readonly TableColumn<LeaderboardModel>[] {
  const { models } = value;
  const columns: readonly (TableColumn<LeaderboardModel> | null)[] = [
    { label: 'model', value: ({ label }) => label, cell: ({ rank, label }) => rankedModel(rank, series.get(label)!) },
    models.every((model) => layerText(model) === NONE) ? null : { label: 'layer', value: ({ row }) => row.layerIndex, text: layerText },
    { label: 'RSA', value: ({ row }) => row.value, text: ({ row }) => correlation(row.value), numeric: true },
    // What a narrow screen shows without scrolling: who is ahead, and of whom it cannot be told apart.
    models.every(({ letters }) => letters === '') ? null : { label: 'alike', value: ({ letters }) => letters },
    value.bootstrap === 0 ? null : { label: `${percent(value.level)} interval`, value: ({ row }) => number(row.interval?.[0]), text: ({ row }) => interval(row.interval) || NONE, numeric: true },
    value.permutations === 0 ? null : { label: 'p', value: ({ row }) => number(row.pAdjusted), text: ({ row }) => bare(row.pAdjusted), numeric: true },
    value.ceiling && value.choice !== 'same-words' ? { label: 'of ceiling', value: (model) => shareOfCeiling(value, model), text: (model) => (Number.isNaN(shareOfCeiling(value, model)) ? NONE : percent(shareOfCeiling(value, model))), numeric: true } : null,
    models.length < 2 ? null : { label: 'from first', note: 'p', value: (model) => -number(fromFirst(value, model)?.value), text: (model) => firstText(value, model), numeric: true },
    models.every(({ probe }) => probe === null) ? null : { label: 'probe', note: 'mean ρ', value: ({ probe }) => number(probe?.rho), text: ({ probe }) => correlation(probe?.rho), numeric: true },
    models.every(({ card }) => card === null) ? null : { label: 'parameters', value: ({ card }) => number(card?.parameters), text: ({ card }) => (card ? compact(card.parameters) : NONE), numeric: true },
    models.every(({ card }) => card === null) ? null : { label: 'size', value: ({ card }) => number(card?.bytes), text: ({ card }) => (card ? `${bytes(card.bytes)} ${card.dtype}` : NONE), numeric: true },
  ];
  return columns.filter((column) => column !== null);
}

/** "−.031, .004": the difference and its p. */
function firstText(value: LeaderboardValue, model: LeaderboardModel): string {
  const found = fromFirst(value, model);
  if (!found) return NONE;
  const p = found.pAdjusted ?? found.p;
  return [difference(-found.value), p === null ? '' : bare(p)].filter(Boolean).join(', ');
}

/** Everything about the models, for csv. */
export function allColumns(value: LeaderboardValue): readonly TableColumn<LeaderboardModel>[] {
  const first = (model: LeaderboardModel): RsaDifference | undefined => fromFirst(value, model);
  const correlated = (label: string, read: (model: LeaderboardModel) => number | null | undefined): TableColumn<LeaderboardModel> =>
    ({ label, value: (model) => number(read(model)), text: (model) => correlation(read(model)), numeric: true });
  const told = (label: string, read: (model: LeaderboardModel) => string | undefined): TableColumn<LeaderboardModel> => ({ label, value: (model) => read(model) ?? '' });
  return [
    { label: 'rank', value: ({ rank }) => rank, numeric: true },
    told('model', ({ label }) => label),
    told('layer', ({ row }) => row.layer),
    { label: 'layers', note: 'chosen among', value: ({ layers }) => layers, numeric: true },
    correlated('RSA', ({ row }) => row.value),
    correlated('low', ({ row }) => row.interval?.[0]),
    correlated('high', ({ row }) => row.interval?.[1]),
    correlated('SE', ({ row }) => row.se),
    { label: 'p', value: ({ row }) => number(row.p), text: ({ row }) => bare(row.p), numeric: true },
    { label: 'p adjusted', value: ({ row }) => number(row.pAdjusted), text: ({ row }) => bare(row.pAdjusted), numeric: true },
    { label: 'share of ceiling', value: (model) => shareOfCeiling(value, model), text: (model) => decimal(shareOfCeiling(value, model)), numeric: true },
    { label: 'minus the first', value: (model) => -number(first(model)?.value), text: (model) => difference(-number(first(model)?.value)), numeric: true },
    { label: 'p of difference', value: (model) => number(first(model)?.p), text: (model) => bare(first(model)?.p), numeric: true },
    { label: 'p adjusted of difference', value: (model) => number(first(model)?.pAdjusted), text: (model) => bare(first(model)?.pAdjusted), numeric: true },
    told('alike', ({ letters }) => letters),
    correlated('probe', ({ probe }) => probe?.rho),
    { label: 'words', value: ({ row }) => row.n, text: ({ row }) => count(row.n), numeric: true },
    { label: 'words it lacks', value: ({ lacks }) => lacks.length, text: ({ lacks }) => count(lacks.length), numeric: true },
    told('id', ({ card }) => card?.id),
    told('source', ({ card }) => card?.source),
    told('revision', ({ card }) => card?.revision),
    told('precision', ({ card }) => card?.dtype),
    told('pooling', ({ card }) => card?.pooling),
    told('architecture', ({ card }) => card?.architecture),
    { label: 'parameters', value: ({ card }) => number(card?.parameters), text: ({ card }) => (card ? count(card.parameters) : NONE), numeric: true },
    { label: 'bytes', value: ({ card }) => number(card?.bytes), text: ({ card }) => (card ? count(card.bytes) : NONE), numeric: true },
    told('ran on', ({ card }) => card?.ran?.backend),
    { label: 'words per second', value: ({ card }) => number(card?.ran?.wordsPerSecond), text: ({ card }) => (card?.ran ? decimal(card.ran.wordsPerSecond, 1) : NONE), numeric: true },
  ];
}

/** All pairs. */
export const differenceColumns: readonly TableColumn<RsaDifference>[] = [
  { label: 'a', value: ({ a }) => a.candidate },
  { label: 'layer of a', value: ({ a }) => a.layer },
  { label: 'b', value: ({ b }) => b.candidate },
  { label: 'layer of b', value: ({ b }) => b.layer },
  { label: 'a − b', value: (row) => row.value, text: (row) => difference(row.value), numeric: true },
  { label: 'low', value: (row) => number(row.interval?.[0]), text: (row) => correlation(row.interval?.[0]), numeric: true },
  { label: 'high', value: (row) => number(row.interval?.[1]), text: (row) => correlation(row.interval?.[1]), numeric: true },
  { label: 'SE', value: (row) => number(row.se), text: (row) => correlation(row.se), numeric: true },
  { label: 'p', value: (row) => number(row.p), text: (row) => bare(row.p), numeric: true },
  { label: 'p adjusted', value: (row) => number(row.pAdjusted), text: (row) => bare(row.pAdjusted), numeric: true },
];

/** One row per model and layer. */
export const layerColumns: readonly TableColumn<LeaderboardValue['rows'][number]>[] = [
  { label: 'model', value: (row) => row.candidate },
  { label: 'layer', value: (row) => row.layer },
  { label: 'layer index', value: (row) => row.layerIndex, numeric: true },
  { label: 'RSA', value: (row) => row.value, text: (row) => correlation(row.value), numeric: true },
  { label: 'low', value: (row) => number(row.interval?.[0]), text: (row) => correlation(row.interval?.[0]), numeric: true },
  { label: 'high', value: (row) => number(row.interval?.[1]), text: (row) => correlation(row.interval?.[1]), numeric: true },
  { label: 'p', value: (row) => number(row.p), text: (row) => bare(row.p), numeric: true },
  { label: 'p adjusted', value: (row) => number(row.pAdjusted), text: (row) => bare(row.pAdjusted), numeric: true },
  { label: 'words', value: (row) => row.n, text: (row) => count(row.n), numeric: true },
];
