/** Fields of the `geometry` cell: maps and trees of words, or of RDMs. */
import { comparatorsMeant, rdmComparators } from '../../data/comparators.ts';
import { linkages, mapMethods } from '../../data/geometry.ts';
import { field } from '../field.ts';

/** Heading of the fields that few readers change. */
const mapGroup = 'Map in detail';

export const fields = {
  of: field.cells(['rdm'], { label: 'RDMs', help: 'Cells whose RDMs are shown.' }),
  show: field.choice(['words', 'rdms'], {
    label: 'Show', help: 'Words: a map and a tree of the words of each RDM. RDMs: one map and tree in which every layer of every RDM is a point.', default: 'words',
    page: { rdms: 'geometry/second-order' },
  }),
  layer: field.text({ label: 'Layer for words', help: 'last or a layer number: whose RDM is mapped, where words are shown.', default: 'last' }),
  method: field.choice(mapMethods, {
    label: 'Map', help: 'Classical and SMACOF keep dissimilarities as they are, non-metric only their order.', default: 'classical',
    page: { classical: 'geometry/classical-mds', smacof: 'geometry/smacof', 'non-metric': 'geometry/non-metric-mds' },
  }),
  linkage: field.choice(linkages, { label: 'Linkage', help: 'How far two clusters of the tree are apart.', default: 'average', page: 'geometry/dendrogram' }),
  comparator: field.choice(rdmComparators, {
    label: 'Comparator for RDMs', help: 'Likeness of two RDMs, where RDMs are shown; they are 1 minus this apart.', default: 'spearman', meant: comparatorsMeant,
    page: Object.fromEntries(rdmComparators.map((comparator) => [comparator, `comparators/${comparator}`])),
  }),
  axes: field.number({ group: mapGroup, label: 'Axes', help: 'Axes of the map; two of three are seen at a time.', default: 2, min: 2, max: 3, integer: true, page: ['geometry/classical-mds', 'geometry/shepard'] }),
  ties: field.choice(['primary', 'secondary'], {
    group: mapGroup,
    label: 'Ties', help: 'Pairs of equal dissimilarity in a non-metric map: free among themselves (primary), or to be equally far apart (secondary).', default: 'primary',
    page: 'geometry/non-metric-mds',
  }),
  steps: field.number({ group: mapGroup, label: 'Steps', help: 'Most steps of SMACOF and non-metric maps; they end earlier where the stress no longer falls.', default: 1000, min: 1, max: 100_000, integer: true, counts: 'steps', page: 'geometry/smacof' }),
};
