/** Fisher's intervals and tests of dependent correlations against ../shared/reference/correlation_inference.json. */
import { expect } from 'vitest';
import { type DependentTest, dependentTest, mengInterval } from '../../src/rsa/dimensions/dependent.ts';
import { normalTwoSided, studentTwoSided } from '../../src/rsa/numbers/distributions.ts';
import { fisherInterval } from '../../src/rsa/dimensions/fisher.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

type Pair = readonly [number, number];
type Triple = readonly [number, number, number];
interface Fisher {
  readonly r: number; readonly n: number; readonly z: number; readonly t: number; readonly p_two_sided_t: number; readonly p_two_sided_z: number;
  readonly ci95_fisher: Pair; readonly ci95_spearman_bonett_wright: Pair; readonly ci95_spearman_fieller: Pair;
}
interface Overlapping { readonly r12: number; readonly r13: number; readonly r23: number; readonly n: number }
interface Dependent extends Overlapping {
  readonly williams_t_df_p: Triple; readonly hotelling_t_df_p: Triple; readonly dunn_clark_z_p: Pair; readonly steiger_z_p: Pair;
  readonly meng_z_p_ci: readonly [number, number, Pair];
}
interface Published extends Overlapping { readonly rounded: Readonly<Partial<Record<'hotelling' | 'williams' | 'dunn' | 'steiger' | 'meng', number>>> }
interface File { readonly fisher: readonly Fisher[]; readonly dependent_overlapping: readonly Dependent[]; readonly cocor_published: readonly Published[] }

const file = 'correlation_inference.json';
const named = ({ r12, r13, r23, n }: Overlapping) => ({ a: r12, b: r13, ab: r23, n });
/** p as the sign and the logarithm, so that the bound holds for the digits of a p near 1e-100 too. */
const ln = (p: number): number => Math.log(p);

testWithShared('Fisher’s intervals with each standard error are the reference’s, and so are t and p of no correlation', async () => {
  const { fisher } = await sharedJson<File>(`reference/${file}`);
  const within = { within: 1e-9 };
  await agree(file, 'fisher-interval: z', fisher.map(({ r }) => Math.atanh(r)), fisher.map(({ z }) => z), within);
  await agree(file, 'fisher-interval: fisher', fisher.map(({ r, n }) => fisherInterval(r, n, 0.95, 'fisher')!), fisher.map((one) => one.ci95_fisher), within);
  await agree(file, 'fisher-interval: bonett-wright', fisher.map(({ r, n }) => fisherInterval(r, n, 0.95, 'bonett-wright')!), fisher.map((one) => one.ci95_spearman_bonett_wright), within);
  await agree(file, 'fisher-interval: fieller', fisher.map(({ r, n }) => fisherInterval(r, n, 0.95, 'fieller')!), fisher.map((one) => one.ci95_spearman_fieller), within);
  const t = fisher.map(({ r, n }) => r * Math.sqrt((n - 2) / (1 - r * r)));
  await agree(file, 'distributions: t of no correlation', t, fisher.map((one) => one.t), within);
  await agree(file, 'distributions: ln p of Student’s t', fisher.map(({ n }, k) => ln(studentTwoSided(t[k]!, n - 2))), fisher.map((one) => ln(one.p_two_sided_t)), within);
  await agree(file, 'distributions: ln p of the normal', fisher.map(({ r, n }) => ln(normalTwoSided(Math.atanh(r) * Math.sqrt(n - 3)))), fisher.map((one) => ln(one.p_two_sided_z)), within);
});

testWithShared('every test of two dependent correlations gives the reference’s statistic, degrees of freedom and p', async () => {
  const { dependent_overlapping: cases } = await sharedJson<File>(`reference/${file}`);
  const z: readonly [DependentTest, (one: Dependent) => readonly number[]][] = [
    ['steiger', (one) => one.steiger_z_p], ['dunn-clark', (one) => one.dunn_clark_z_p], ['meng', ({ meng_z_p_ci: [value, p] }) => [value, p]],
  ];
  for (const [test, of] of z) {
    const ours = cases.map((one) => dependentTest(test, named(one)));
    await agree(file, test, ours.map(({ statistic }) => statistic), cases.map((one) => of(one)[0]!), { within: 1e-9 });
    await agree(file, `${test}: p`, ours.map(({ p }) => p), cases.map((one) => of(one)[1]!), { within: 1e-9 });
    expect(ours.every(({ df }) => df === undefined)).toBe(true);
  }
  const t: readonly [DependentTest, (one: Dependent) => Triple][] = [['williams', (one) => one.williams_t_df_p], ['hotelling', (one) => one.hotelling_t_df_p]];
  for (const [test, of] of t) {
    const ours = cases.map((one) => dependentTest(test, named(one)));
    await agree(file, test, ours.map(({ statistic, df }) => [statistic, df!]), cases.map((one) => of(one).slice(0, 2)), { within: 1e-9 });
    await agree(file, `${test}: p`, ours.map(({ p }) => p), cases.map((one) => of(one)[2]), { within: 1e-9 });
  }
  await agree(file, 'meng: interval', cases.map((one) => mengInterval(named(one), 0.95)), cases.map((one) => one.meng_z_p_ci[2]), { within: 1e-9 });
});

testWithShared('the tests give what the R package cocor prints in its paper, as far as rounded correlations tell', async () => {
  const { cocor_published: cases } = await sharedJson<File>(`reference/${file}`);
  const names = { hotelling: 'hotelling', williams: 'williams', 'dunn-clark': 'dunn', steiger: 'steiger', meng: 'meng' } as const;
  const half = [-5e-5, 5e-5];
  for (const [test, theirs] of Object.entries(names) as [DependentTest, (typeof names)[DependentTest]][]) {
    const given = cases.filter(({ rounded }) => rounded[theirs] !== undefined);
    const ours = given.map((one) => dependentTest(test, named(one)).statistic);
    await agree(file, `${test}: printed by cocor`, ours, given.map((one) => one.rounded[theirs]!), { within: 3e-3, because: 'correlations and results are printed with four decimals' });
    // Sharper: the printed result lies among those of the correlations that round to the printed ones.
    for (const { r12, r13, r23, n, rounded } of given) {
      const corners = half.flatMap((a) => half.flatMap((b) => half.map((ab) => dependentTest(test, { a: r12 + a, b: r13 + b, ab: r23 + ab, n }).statistic)));
      expect(rounded[theirs]).toBeGreaterThan(Math.min(...corners) - 6e-5);
      expect(rounded[theirs]).toBeLessThan(Math.max(...corners) + 6e-5);
    }
  }
});
