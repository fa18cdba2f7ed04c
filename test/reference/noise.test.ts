/** Noise covariance and precision against rsatoolbox (../shared/reference/noise_precision.json). */
import { covariance, precisionOf } from '../../src/rsa/distances/noise.ts';
import { residualsOfWords } from '../../src/rsa/distances/residuals.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

type Square = readonly (readonly number[])[];
type Estimates = Readonly<Record<'full' | 'diag' | 'shrinkage_eye' | 'shrinkage_diag', Square>>;

const names = { full: 'full', diagonal: 'diag', 'ledoit-wolf': 'shrinkage_eye', 'schaefer-strimmer': 'shrinkage_diag' } as const;

testWithShared('covariance and precision of residuals are rsatoolbox’s under every estimator', async () => {
  const { residuals, cov, prec } = await sharedJson<{ residuals: Square; cov: Estimates; prec: Estimates }>('reference/noise_precision.json');
  const d = residuals[0]!.length;
  const own = residualsOfWords(Float64Array.from(residuals.flat()), residuals.length, d);
  for (const shrinkage of ['full', 'diagonal', 'ledoit-wolf', 'schaefer-strimmer'] as const) {
    const estimate = await covariance(own, shrinkage);
    await agree('noise_precision.json', `noise-precision: covariance, ${shrinkage}`, estimate, cov[names[shrinkage]], { within: 1e-9 });
    await agree('noise_precision.json', `noise-precision: precision, ${shrinkage}`, precisionOf(estimate, d, shrinkage), prec[names[shrinkage]], { within: 1e-9 });
  }
});
