/** What the figures of a `geometry` cell share: which map is looked at, its colours, its words for things. */
import { html, type TemplateResult } from 'lit';
import type { GeometryMap, GeometryValue } from '../../data/geometry.ts';
import { comparatorLabel } from '../../figures/comparator.ts';
import { metricLabel } from '../../figures/metric.ts';
import { named } from '../../figures/origin.ts';
import { seriesOf, type Series } from '../../figures/series.ts';
import { select } from '../../ui/controls.ts';
import { counted, listed } from '../../ui/format.ts';
import type { ViewContext } from '../kind.ts';

/** More groups than this share one grey: nobody tells thirty colours apart. */
const mostGroups = 14;

export interface Shown {
  readonly map: GeometryMap;
  /** Chooses the RDM, where there are several. */
  readonly chooser: TemplateResult | null;
  /** Series of each point, in the order of the points; null without groups. */
  readonly groups: readonly Series[];
  /** For the legend; empty where all points are of one kind. */
  readonly legend: readonly Series[];
  /** "mini, layer 3". */
  readonly name: string;
  /** "cosine distance", "1 − Spearman ρ". */
  readonly dissimilarity: string;
}

const nameOf = (map: GeometryMap): string => (map.layer && map.layer !== 'ratings' ? `${map.of}, ${map.layer}` : map.of);

export function shownMap(value: GeometryValue, context: ViewContext): Shown {
  const at = Math.min(value.maps.length - 1, Math.max(0, Number(context.state.get('map') ?? 0)));
  const map = value.maps[at]!;
  const chooser = value.maps.length < 2 ? null : select({
    label: 'RDM', showLabel: true, value: String(at), options: value.maps.map((one, k) => ({ value: String(k), label: nameOf(one) })),
    onChange: (chosen) => { context.state.set('map', chosen); context.update(); },
  });
  return {
    map, chooser, ...coloured(map), name: nameOf(map),
    dissimilarity: map.metric ? metricLabel(map.metric) : `1 − ${comparatorLabel(value.comparator ?? 'spearman')}`,
  };
}

/** The largest groups get a colour each, the others one for all. */
function coloured(map: GeometryMap): Pick<Shown, 'groups' | 'legend'> {
  const sizes = new Map<string, number>();
  for (const { group } of map.points) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const rest = sizes.size > mostGroups ? 'other categories' : 'no category';
  const kept = new Set([...sizes].filter(([group]) => group !== '').sort((one, other) => other[1] - one[1]).slice(0, mostGroups - 1).map(([group]) => group));
  const series = seriesOf([...sizes.keys()].filter((group) => kept.has(group)));
  const grey: Series = { label: rest, colour: 'var(--boundary)', symbol: 'circle' };
  const plain: Series = { label: map.of, colour: 'var(--series-1)', symbol: 'circle' };
  const groups = map.points.map(({ group }) => (kept.size === 0 ? plain : series.get(group) ?? grey));
  const used = new Set(groups);
  return { groups, legend: kept.size === 0 ? [] : [...series.values(), grey].filter((one) => used.has(one)) };
}

/** A row of controls; undefined where there are none, so that the figure has no empty row. */
export function controlsOf(...parts: readonly (TemplateResult | null)[]): { controls?: TemplateResult } {
  const present = parts.filter((part) => part !== null);
  return present.length ? { controls: html`${present}` } : {};
}

/** "240 words", "14 RDMs over 240 words". */
export function pointsTold({ show }: GeometryValue, map: GeometryMap): string {
  return show === 'words' ? counted(map.n, 'word') : `${counted(map.points.length, 'RDM')} over ${counted(map.n, 'word')}`;
}

/** Whose geometry it is, for captions. */
export function ofWhat(value: GeometryValue, { map, name, legend }: Shown): string {
  if (value.show === 'words') return named(name, map.origins[0] ?? 'model');
  const illustrative = value.secondOrder?.rows.filter((row) => row.origin === 'illustrative').map((row) => row.of) ?? [];
  return listed(legend.map(({ label }) => (illustrative.includes(label) ? named(label, 'illustrative') : label)));
}
