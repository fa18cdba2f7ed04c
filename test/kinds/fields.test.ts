/** Fields: names that options also go by, what to write instead of a wrong value, pages, and the order of the forms. */
import { describe, expect, test } from 'vitest';
import { statisticsPages } from '../../src/app/statistics-pages.ts';
import { checkField, field, type Checked, type Field } from '../../src/kinds/field.ts';
import { kinds } from '../../src/kinds/index.ts';
import { declaredPages, pageNames, pagesOf } from '../../src/kinds/pages.ts';

const declared = (kind: string, name: string): Field => kinds.get(kind)!.fields[name]!;
const check = (kind: string, name: string, raw: unknown): Checked => checkField(name, declared(kind, name), raw);
const valueOf = (kind: string, name: string, raw: unknown): unknown => {
  const checked = check(kind, name, raw);
  return checked.ok ? checked.value : checked.what;
};
const fixOf = (kind: string, name: string, raw: unknown): string | null => {
  const checked = check(kind, name, raw);
  return checked.ok ? null : checked.fix;
};
const about = (kind: string, name: string, value: unknown): string[] => pagesOf(declared(kind, name), value).map((link) => link.about);

describe('sets of dimensions', () => {
  test('are read in any case and under the dimensions’ other names', () => {
    for (const kind of ['rsa', 'raters', 'explain', 'ceiling']) {
      expect(valueOf(kind, 'sets', ['visual', 'ALL', 'Hand/arm', 'foot_leg', 'smell', 'Proeven'])).toEqual(['Visual', 'all', 'Hand_arm', 'Foot_leg', 'Olfactory', 'Gustatory']);
    }
    expect(valueOf('rsa', 'sets', 'Motor')).toEqual(['motor']);
    expect(valueOf('rsa', 'sets', ['visual', 'Visual', 'sight'])).toEqual(['Visual']);
    expect(valueOf('rdm', 'set', 'hearing')).toBe('Auditory');
    expect(valueOf('transfer', 'sets', ['Motor', 'ALL'])).toEqual(['motor', 'all']);
  });

  test('that are none are told with the nearest', () => {
    expect(fixOf('rsa', 'sets', ['all', 'visul'])).toBe('Did you mean Visual?');
    expect(fixOf('rsa', 'sets', ['happiness'])).toBe('Choose one of these.');
    // A cell without single dimensions takes none by its other name either.
    expect(valueOf('transfer', 'sets', ['visual'])).toBe('sets is ["visual"], should be among motor, sensory, all');
  });
});

describe('a wrong value', () => {
  test('is told what to write, never the help that stands there already', () => {
    for (const [kind, { fields }] of kinds) {
      for (const [name, own] of Object.entries(fields)) {
        const wrong = checkField(name, own, { no: 'value' });
        expect(wrong.ok, `${kind}.${name}`).toBe(false);
        expect(wrong.ok ? '' : wrong.fix, `${kind}.${name}`).toMatch(/^(Write|Name|Choose|Did you mean) /);
        expect(wrong.ok ? own.help : wrong.fix).not.toBe(own.help);
      }
    }
  });

  test('of options names the one that is near, or that others call so', () => {
    expect(fixOf('rsa', 'comparator', 'kendall')).toBe('Did you mean tau-b?');
    expect(fixOf('geometry', 'comparator', 'Kendall')).toBe('Did you mean tau-b?');
    expect(fixOf('rsa', 'comparator', 'pearsn')).toBe('Did you mean pearson?');
    expect(fixOf('rsa', 'comparator', 'likeness')).toBe('Choose one of these.');
    expect(fixOf('rsa', 'sets', [])).toContain('Write one of motor, sensory');
  });

  test('of a number names its range, and a missing cell what it gives', () => {
    expect(fixOf('rsa', 'permutations', -3)).toBe('Write a whole number from 0 to 1000000.');
    expect(fixOf('rsa', 'level', 'high')).toBe('Write a number from 0.5 to 0.999.');
    expect(fixOf('rsa', 'reference', undefined)).toBe('Name a cell that gives representation.');
    expect(fixOf('rsa', 'ceiling', '')).toBe('Name a cell that gives ceiling, or write none.');
  });
});

describe('pages', () => {
  test('are those of the chosen option', () => {
    expect(about('rsa', 'correction', 'holm')).toEqual(['Holm’s correction']);
    expect(about('rsa', 'metric', 'cosine')).toEqual(['cosine distance']);
    expect(about('rdm', 'set', 'visual')).toEqual(['the RDM of a single dimension']);
  });

  test('are those of all options where the chosen one has none: there a reader has to choose', () => {
    expect(about('rsa', 'correction', 'none')).toEqual(['the maximum statistic', 'Holm’s correction', 'Benjamini and Hochberg’s correction']);
    expect(about('rsa', 'resampling', 'automatic')).toEqual(['the bootstrap over words', 'samples without replacement']);
    expect(about('explain', 'controls', [])).toEqual(['control RDMs']);
    expect(about('dimensions', 'correction', 'none')).toEqual(['Holm’s correction', 'Benjamini and Hochberg’s correction']);
  });

  test('of more than four options are left to the index', () => {
    expect(pagesOf(declared('dimensions', 'tests'), 'none')).toEqual([{ page: 'README', about: 'all statistics' }]);
    expect(statisticsPages.has('README')).toBe(true);
    const many = Object.fromEntries(['a', 'b', 'c', 'd'].map((option) => [option, `models/${option}`]));
    expect(pagesOf(field.choice(['a', 'b', 'c', 'd', 'e'], { label: 'L', help: 'H.', default: 'e', page: many }), 'e')).toHaveLength(4);
  });

  test('that forms link to have names of their own, no two the same, and none is named in vain', () => {
    const pages = new Set([...kinds.values()].flatMap(({ fields }) => Object.values(fields).flatMap(declaredPages)));
    expect([...pages].filter((page) => !(page in pageNames))).toEqual([]);
    expect(Object.keys(pageNames).filter((page) => page !== 'README' && !pages.has(page))).toEqual([]);
    expect(new Set(Object.values(pageNames)).size).toBe(Object.keys(pageNames).length);
  });
});

describe('the order of a form', () => {
  const labels = (kind: string, group?: string): string[] => Object.values(kinds.get(kind)!.fields).filter((own) => own.group === group).map(({ label }) => label);
  const groups = (kind: string): string[] => [...new Set(Object.values(kinds.get(kind)!.fields).flatMap(({ group }) => group ?? []))];

  test('begins with what is compared, then how, then how sure', () => {
    expect(labels('rsa')).toEqual(['Reference', 'Candidates', 'Layers', 'Dimension sets', 'Dissimilarity', 'Standardise ratings', 'Standardise hidden states', 'Comparator', 'Permutations', 'Correction', 'Bootstrap', 'Differences', 'Noise ceiling']);
    expect(labels('raters')).toEqual(['Reference', 'Candidates', 'Layers', 'Dimension sets', 'Dissimilarity', 'Standardise ratings', 'Standardise hidden states', 'Comparator', 'Differences', 'Bootstrap over', 'Bootstrap']);
    expect(labels('ceiling').slice(0, 7)).toEqual(['Reference', 'From', 'Second norms', 'Simulations', 'Bootstrap over', 'Bootstrap', 'Dimension sets']);
    expect(labels('explain')).toEqual(['Reference', 'Candidates', 'Layers', 'Word form', 'Control cells', 'Dimension sets', 'Dissimilarity', 'Standardise ratings', 'Standardise hidden states', 'Scale', 'Permutations', 'Bootstrap']);
    expect(labels('geometry')).toEqual(['RDMs', 'Show', 'Layer for words', 'Map', 'Linkage', 'Comparator for RDMs']);
  });

  test('of the distances that few change is the same in every cell that has them', () => {
    const all = labels('rdm', 'Distances');
    expect(all).toEqual(['Noise covariance', 'Noise of each measurement', 'Per channel', 'Remove each word’s mean', 'Missing cells']);
    expect(labels('rsa', 'Distances')).toEqual([...all, 'Ties']);
    for (const kind of ['raters', 'ceiling', 'explain']) expect(labels(kind, 'Distances')).toEqual(all.filter((label) => labels(kind, 'Distances').includes(label)));
  });

  test('of what is folded ends with what is only shown beside the result', () => {
    expect(groups('rsa')).toEqual(['Distances', 'Tests and intervals', 'Published values']);
    expect(groups('dimensions')).toEqual(['Probe of hidden states', 'Tests and intervals', 'Published values']);
    expect(groups('explain')).toEqual(['Distances', 'Tests and intervals', 'Weighted RSA']);
  });
});
