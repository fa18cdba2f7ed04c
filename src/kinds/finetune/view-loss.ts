/** The course of a training, one figure for each of its tasks: their losses have different units. */
import type { TemplateResult } from 'lit';
import type { LossAt, TaskCard, TuningCard } from '../../data/tuned.ts';
import { chart, figure } from '../../figures/figure.ts';
import { lossCurve, lossSeries } from '../../figures/loss-curve.ts';
import { legend } from '../../figures/series.ts';
import { countsOf } from '../../tuning/files/counts.ts';
import { count, counted, decimal, listed } from '../../ui/format.ts';

/** @param others cards of the same training with other seeds */
export function lossFigures(card: TuningCard, others: readonly TuningCard[]): readonly TemplateResult[] {
  return card.parts.map((part) => lossFigure(part, card, others));
}

function lossFigure(part: TaskCard, card: TuningCard, others: readonly TuningCard[]): TemplateResult {
  const { keptStep } = card;
  const history = card.history.filter(({ task }) => task === part.task);
  const { validation } = part;
  const several = card.parts.length > 1;
  const title = `Loss over ${counted(history.length, 'step')} ${several ? `of ${part.task} ` : ''}on ${part.data}`;
  const repeats = others.map(({ seed, parts }) => ({ seed, points: parts.find(({ task }) => task === part.task)?.validation ?? [] }));
  const rows = [
    ...history.map((point) => ({ ...point, side: 'training', seed: card.seed })), ...validation.map((point) => ({ ...point, side: 'validation', seed: card.seed })),
    ...repeats.flatMap(({ seed, points }) => points.map((point) => ({ ...point, side: 'validation', seed }))),
  ];
  return figure({
    title,
    summary: summaryOf(part, card, history),
    notes: [
      part.task === 'rating' && part.form === 'head' ? 'Mean squared error of z-scored ratings: predicting each dimension’s mean gives about 1.' : 'Mean negative log-probability of the right answer.',
      'Training: thin each batch, thick the mean over neighbours.',
      several ? 'The step counts those of all tasks. Which weights are kept is decided by the losses of all tasks together, each by its share of the steps.' : '',
      repeats.length > 0 ? `Thin: validation with ${repeats.length === 1 ? 'seed' : 'seeds'} ${listed(repeats.map(({ seed }) => String(seed)))}, on the same split.` : '',
    ],
    origins: part.origin ? [part.origin] : ['model'],
    legend: legend([...lossSeries.values()].slice(0, validation.length > 0 ? 2 : 1)),
    body: chart(title, lossCurve({ label: title, training: history, validation, others: repeats.map(({ points }) => points), keptStep, steps: card.steps }), [card, others]),
    table: {
      columns: [
        { label: 'side', value: (row) => row.side },
        ...(repeats.length > 0 ? [{ label: 'seed', value: (row: { seed: number }) => row.seed, text: (row: { seed: number }) => String(row.seed), numeric: true }] : []),
        { label: 'step', value: (row) => row.step, text: (row) => count(row.step), numeric: true },
        { label: 'loss', value: (row) => row.loss, text: (row) => decimal(row.loss, 4), numeric: true },
      ],
      rows,
    },
  });
}

function summaryOf(part: TaskCard, card: TuningCard, history: readonly LossAt[]): string {
  const { validation, unit } = part;
  const { keptStep, parts } = card;
  const kept = validation.find(({ step }) => step === keptStep);
  if (!kept) return `The loss of the last batch was ${decimal(history.at(-1)?.loss, 3)}; without a validation side the last weights were kept.`;
  const before = `The loss on ${counted(countsOf(card, parts.indexOf(part)).validation, `validation ${unit}`)} was ${decimal(validation[0]!.loss, 3)} before training`;
  return parts.length > 1
    ? `${before} and ${decimal(kept.loss, 3)} at step ${count(keptStep)}, whose weights were kept.`
    : `${before} and lowest at step ${count(keptStep)}, ${decimal(kept.loss, 3)}; these weights were kept.`;
}
