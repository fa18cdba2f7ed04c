/** The map and its Shepard plot. */
import type { TemplateResult } from 'lit';
import type { GeometryValue, MapMethod, MapPoint } from '../../data/geometry.ts';
import { chart, figure } from '../../figures/figure.ts';
import { pointMap } from '../../figures/map.ts';
import { legend } from '../../figures/series.ts';
import { shepardPlot, type ShepardPair } from '../../figures/shepard.ts';
import { segmented, toggle } from '../../ui/controls.ts';
import type { TableColumn } from '../../ui/data-table.ts';
import { correlation, count, counted, decimal, general } from '../../ui/format.ts';
import type { ViewContext } from '../kind.ts';
import { controlsOf, ofWhat, pointsTold, type Shown } from './view-common.ts';

/** Up to so many points labels stand on the map from the start. */
const labelledFrom = 60;

/** Beyond so many points nobody may read stress by Kruskal's labels. */
const handful = 30;

const methods = { classical: 'Classical MDS', smacof: 'Metric MDS (SMACOF)', 'non-metric': 'Non-metric MDS' } as const satisfies Record<MapMethod, string>;

const axisNames = ['first axis', 'second axis', 'third axis'] as const;
type AxisPair = '12' | '13' | '23';

const along = (point: MapPoint, axis: number): number => [point.x, point.y, point.z ?? 0][axis]!;

/** Whole percents; what is less, but more than rounding, is said to be. */
const share = (value: number): string => (value >= 0.005 ? `${Math.round(value * 100)} %` : value > 1e-5 ? '< 1 %' : '0 %');

export function mapFigure(value: GeometryValue, shown: Shown, context: ViewContext): TemplateResult {
  const { map, groups } = shown;
  const axes = map.shares.length;
  const pair = axes > 2 ? ((context.state.get('axes') as AxisPair | undefined) ?? '12') : '12';
  const [across, up] = [Number(pair[0]) - 1, Number(pair[1]) - 1] as const;
  const labelled = (context.state.get('labels') as boolean | undefined) ?? map.points.length <= labelledFrom;
  const title = value.show === 'words' ? `Map of ${shown.name}` : 'Map of RDMs';
  const axisName = (axis: number): string => `${axisNames[axis]!}${value.method === 'classical' ? `, ${share(map.shares[axis] ?? 0)}` : ''}`;
  const layers = new Map((value.secondOrder?.rows ?? []).map((row, at) => [at, row]));
  const several = new Set([...layers.values()].filter((row, at, all) => all.some((other, index) => index !== at && other.of === row.of)).map((row) => row.of));
  // Words are read along the tree, so that neighbours follow each other; RDMs layer by layer.
  const order = value.show === 'words' ? Array.from(map.leafOrder) : [...map.points.keys()];
  const dots = order.map((at) => {
    const point = map.points[at]!;
    const row = layers.get(at);
    return {
      label: row && several.has(row.of) ? String(row.layerIndex) : point.label, title: point.label, x: along(point, across), y: along(point, up), series: groups[at]!,
      lines: [value.show === 'words' ? point.group : '', `nearest: ${point.nearest.map((other) => map.points[other]!.label).join(value.show === 'words' ? ', ' : '; ')}`].filter(Boolean),
    };
  });
  const controls = controlsOf(
    shown.chooser,
    axes > 2 ? segmented<AxisPair>({ label: 'Axes', value: pair, options: [{ value: '12', label: '1, 2' }, { value: '13', label: '1, 3' }, { value: '23', label: '2, 3' }], onChange: (one) => { context.state.set('axes', one); context.update(); } }) : null,
    toggle({ label: 'Labels', value: labelled, onChange: (on) => { context.state.set('labels', on); context.update(); } }),
  );
  const columns: readonly TableColumn<MapPoint>[] = [
    { label: value.show === 'words' ? 'word' : 'RDM', value: (row) => row.label },
    ...(shown.legend.length ? [{ label: value.show === 'words' ? 'category' : 'cell', value: (row: MapPoint) => row.group }] : []),
    ...(['x', 'y', 'z'] as const).slice(0, axes).map((axis, k): TableColumn<MapPoint> => ({ label: axis, note: axisNames[k]!, value: (row) => row[axis] ?? Number.NaN, text: (row) => decimal(row[axis], 3), numeric: true })),
    { label: 'nearest', note: 'by dissimilarity', value: (row) => row.nearest.map((at) => map.points[at]!.label).join('; ') },
  ];
  return figure({
    title,
    summary: `${methods[value.method]} of ${pointsTold(value, map)}, ${ofWhat(value, shown)}; ${shown.dissimilarity}. Stress 1 is ${correlation(map.stress1)} with ${axes} axes.`,
    notes: [
      `${value.method === 'classical' ? 'The' : 'Of the classical map that it starts from, the'} ${axes} axes hold ${share(map.shares.reduce((sum, one) => sum + one, 0))} of the positive eigenvalues. ${map.negative > 1e-5 ? `Negative eigenvalues hold ${share(map.negative)} of the total size of all: what no Euclidean map can show.` : 'No eigenvalue is negative: with enough axes a Euclidean map could show all.'}`,
      map.points.length > handful ? `Stress says little by itself: Kruskal’s labels (.20 poor, .10 fair, .05 good) are for non-metric maps of a handful of points; with ${count(map.points.length)} stress is higher for any data. Compare it between maps of the same points and axes.` : '',
      'Only distances mean something: the map may be turned and mirrored. What is near on it need not be near; point at a dot, or go there with the arrow keys, and it names the nearest by dissimilarity.',
      value.secondOrder && several.size ? 'A line joins the layers of a model in their order; numbers are layers (0 = embeddings).' : '',
      value.method === 'classical' ? '' : `${map.converged ? 'Ended' : 'Stopped before its end'} after ${counted(map.steps, 'step')}.${value.ties ? ` Equal dissimilarities: ${value.ties} treatment.` : ''}`,
    ],
    origins: map.origins,
    ...controls,
    ...(shown.legend.length ? { legend: legend(shown.legend) } : {}),
    body: chart(title, pointMap({ label: title, across: axisName(across), up: axisName(up), dots, labelled, joined: value.show === 'rdms' }), [value, map, pair, labelled]),
    table: { columns, rows: map.points },
  });
}

const pairColumns: readonly TableColumn<ShepardPair>[] = [
  { label: 'a', value: (row) => row.a },
  { label: 'b', value: (row) => row.b },
  ...(['dissimilarity', 'distance', 'disparity'] as const).map((label): TableColumn<ShepardPair> => ({ label, value: (row) => row[label], text: (row) => decimal(row[label], 3), numeric: true })),
];

export function shepardFigure(value: GeometryValue, shown: Shown): TemplateResult {
  const { map } = shown;
  const { shepard } = map;
  const pairs = Array.from(shepard.a, (a, k): ShepardPair => ({
    a: map.points[a]!.label, b: map.points[shepard.b[k]!]!.label, dissimilarity: shepard.dissimilarity[k]!, distance: shepard.distance[k]!, disparity: shepard.disparity[k]!,
  }));
  const worst = pairs.reduce<ShepardPair | null>((most, pair) => (most === null || Math.abs(pair.distance - pair.disparity) > Math.abs(most.distance - most.disparity) ? pair : most), null);
  const title = value.show === 'words' ? `Shepard plot of ${shown.name}` : 'Shepard plot of RDMs';
  return figure({
    title,
    summary: `Distance on the map against dissimilarity; the line is what the map aims at${value.method === 'non-metric' ? ', any curve that rises' : ': distances equal to dissimilarities'}. Stress 1 is ${correlation(map.stress1)}.${worst ? ` Worst shown: ${worst.a} and ${worst.b}, ${general(worst.distance)} in place of ${general(worst.disparity)}.` : ''}`,
    notes: [
      shepard.of > pairs.length ? `${count(pairs.length)} of ${counted(shepard.of, 'pair')}, evenly by rank of dissimilarity; the stress is over all of them.` : '',
      value.method === 'classical' ? 'Classical MDS projects: with all eigenvalues positive no distance on the map is above its dissimilarity.' : '',
    ],
    origins: map.origins,
    ...controlsOf(shown.chooser),
    body: chart(title, shepardPlot({ label: title, across: `dissimilarity: ${shown.dissimilarity}`, up: 'distance on the map', pairs }), [value, map]),
    table: { name: shepard.of > pairs.length ? 'Pairs shown' : 'Pairs', columns: pairColumns, rows: pairs },
  });
}
