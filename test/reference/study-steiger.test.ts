/** The study's tests between models, dimension by dimension: every Z and p of its two tables, through the cell itself. */
import { expect } from 'vitest';
import { dimensionNamed } from '../../src/data/dimensions.ts';
import { fields } from '../../src/kinds/dimensions/schema.ts';
import { run } from '../../src/kinds/dimensions/run.ts';
import { sharedFile, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';
import { studyBench } from './study.ts';

/** Rows of a small csv with quoted text and plain numbers, as columns by name. */
function rowsOf(text: string): Readonly<Record<string, string>>[] {
  const [head, ...lines] = text.trim().split(/\r?\n/).map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
  return lines.map((cells) => Object.fromEntries(cells.map((cell, k) => [head![k]!, cell])));
}

const tables = [
  { language: 'en', candidates: { base: 'base', en_ft: 'en', nl_ft: 'nl', qa_ft: 'QA' }, rows: 11 },
  { language: 'nl', candidates: { base: 'base', en_ft: 'en', nl_ft: 'nl' }, rows: 6 },
] as const;

for (const { language, candidates, rows: count } of tables) {
  testWithShared(`every Z and p of the study’s table (${language}) is Steiger’s test over the words that all models rated`, async () => {
    const file = `study/${language}_correlation_comparison_results.csv`;
    const bench = await studyBench(language);
    const value = await bench.run('profile', fields, run, { reference: 'human', candidates: Object.keys(candidates), tests: 'steiger', compare: 'all' });
    const published = rowsOf(await (await sharedFile(file)).text());
    expect(published).toHaveLength(count);
    const ours: { rho: number[]; z: number[]; p: number[] } = { rho: [], z: [], p: [] };
    const theirs: typeof ours = { rho: [], z: [], p: [] };
    for (const row of published) {
      const own = value.tests.filter(({ dimension }) => dimension === dimensionNamed(row['Dimension']!)?.id);
      const names: Readonly<Record<string, string>> = candidates;
      expect(own).toHaveLength(language === 'en' ? 6 : 3);
      for (const { a, b, rhoA, rhoB, statistic, p } of own) {
        const pair = `${names[a.candidate]}_vs_${names[b.candidate]}`;
        // Two of the columns write qa small.
        const column = row[`Z_${pair}`] === undefined ? pair.replace('QA', 'qa') : pair;
        ours.z.push(statistic!);
        theirs.z.push(Number(row[`Z_${column}`]));
        ours.p.push(p!);
        theirs.p.push(Number(row[`p_${column}`]));
        ours.rho.push(rhoA, rhoB);
        theirs.rho.push(...[a, b].map(({ candidate }) => Number(row[candidate === 'qa_ft' ? 'QA_ft_Spearman' : `${candidate}_Spearman`])));
      }
    }
    await agree(file, 'spearman-per-dimension', ours.rho, theirs.rho, { within: 1e-9 });
    await agree(file, 'steiger', ours.z, theirs.z, { within: 1e-9 });
    await agree(file, 'steiger: p', ours.p, theirs.p, { within: 1e-9 });
    // The study's p is 2 (1 - cdf), which has no digits below 1e-16; ours keeps them.
    ours.p.forEach((p, k) => { if (theirs.p[k] === 0) expect(p).toBeLessThan(1e-15); });
    expect(Math.min(...ours.p)).toBeLessThan(1e-200);
    expect(Math.min(...ours.p)).toBeGreaterThan(0);
  });
}
