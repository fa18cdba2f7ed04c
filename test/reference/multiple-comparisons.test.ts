/** Corrections for many comparisons against statsmodels (../shared/reference/multiple_comparisons.json). */
import { expect } from 'vitest';
import { benjaminiHochberg, holm } from '../../src/rsa/inference/correct.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

interface Case {
  readonly p: readonly number[];
  readonly holm: readonly number[]; readonly fdr_bh: readonly number[]; readonly bonferroni: readonly number[];
  readonly reject_fdr_bh_005: readonly boolean[]; readonly reject_holm_005: readonly boolean[];
}

testWithShared('Holm and Benjamini-Hochberg are those of statsmodels, with what they reject', async () => {
  const { cases } = await sharedJson<{ cases: readonly Case[] }>('reference/multiple_comparisons.json');
  expect(cases).toHaveLength(3);
  const [byHolm, byBh] = [cases.map(({ p }) => holm(p)), cases.map(({ p }) => benjaminiHochberg(p))];
  await agree('multiple_comparisons.json', 'holm', byHolm, cases.map((one) => one.holm), { within: 1e-12 });
  await agree('multiple_comparisons.json', 'benjamini-hochberg', byBh, cases.map((one) => one.fdr_bh), { within: 1e-12 });
  await agree('multiple_comparisons.json', 'holm: rejected at 0.05', byHolm.map((all) => all.map((p) => p <= 0.05)), cases.map((one) => one.reject_holm_005), { within: 0 });
  await agree('multiple_comparisons.json', 'benjamini-hochberg: rejected at 0.05', byBh.map((all) => all.map((p) => p <= 0.05)), cases.map((one) => one.reject_fdr_bh_005), { within: 0 });
  // Bonferroni is Holm's first step, taken for all.
  await agree('multiple_comparisons.json', 'holm: Bonferroni', cases.map(({ p }) => p.map((one) => Math.min(1, one * p.length))), cases.map((one) => one.bonferroni), { within: 1e-12 });
});
