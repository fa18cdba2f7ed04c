/** A tuned model's card: what it was trained on and how it went, the curves of its loss, and the split. */
import { html, nothing, type TemplateResult } from 'lit';
import { dimensionLabel } from '../../data/dimensions.ts';
import type { TaskCard, TunedPart, TuningCard } from '../../data/tuned.ts';
import type { ModelValue } from '../../data/values.ts';
import { fileName } from '../../figures/export.ts';
import { facts } from '../../figures/facts.ts';
import { chart, droppedNote, figure } from '../../figures/figure.ts';
import { lossCurve, lossSeries } from '../../figures/loss-curve.ts';
import { originBadge } from '../../figures/origin.ts';
import { legend } from '../../figures/series.ts';
import { badge } from '../../ui/badge.ts';
import { button, disclosure } from '../../ui/controls.ts';
import { download } from '../../ui/download.ts';
import { count, counted, decimal, duration, listed } from '../../ui/format.ts';
import type { View } from '../kind.ts';
import { references, tasks } from './wording.ts';

export const view: View<'model'> = (value) => {
  const { tuned } = value;
  const round = tuned?.rounds.at(-1);
  return html`<div class="view card">
    <div class="card-head"><span class="card-name">${value.label}</span>${originBadge('model')}${badge('tuned')}${round?.card.parts.some(({ origin }) => origin === 'illustrative') ? originBadge('illustrative') : nothing}</div>
    ${tuned && round ? body(value, tuned, round.card) : nothing}
  </div>`;
};

function body(value: ModelValue, tuned: TunedPart, card: TuningCard): TemplateResult {
  const { revision } = value;
  const part = card.parts[0]!;
  const { sides, unit, test } = part;
  const adapters = tuned.rounds.at(-1)!.adapters.length;
  return html`
    ${facts([
      ['base', tuned.rounds.length > 1 ? `${card.base}, itself tuned` : card.base],
      ['task', tasks[part.task]],
      ['data', part.language ? `${part.data}, ${part.language}` : part.data],
      ['trained on', counted(sides.train.length, unit)],
      ['validated on', counted(sides.validation.length, unit)],
      ['held out', counted(sides.test.length, unit)],
      ['steps', stepsOf(card)],
      ['trained numbers', `${count(card.parameters)} in ${counted(adapters, 'adapter')} of rank ${String(card.settings['rank'])}`],
      ['learning rate', String(card.settings['rate'])],
      test ? ['loss on held out', `${decimal(test.loss, 3)} (${references[part.task]}: ${decimal(test.reference, 3)})`] : null,
      ['device', card.device],
      ['time', duration(card.seconds * 1000)],
      ['seed', String(card.seed)],
      ['revision', html`<code title=${revision}>${revision.slice(0, 12)}…</code>`],
    ])}
    ${part.dimensions.length > 0 ? html`<p class="card-note">Dimensions: ${listed(part.dimensions.map(dimensionLabel))}.</p>` : nothing}
    <div class="card-files">
      ${button({ label: 'Adapter for PEFT (zip)', icon: 'download', onClick: () => void downloadAdapter(value) })}
      <p class="card-note">For Python: what was learnt and this card, with none of the data.</p>
    </div>
    ${lossFigure(card)}
    ${splitList(part)}
    ${droppedNote(part.dropped)}`;
}

/** The page holds no tuning code until it is asked for. */
async function downloadAdapter(value: ModelValue): Promise<void> {
  const { adapterZip } = await import('./adapter-zip.ts');
  download(`${fileName(value.label)}-peft.zip`, adapterZip(value), 'application/zip');
}

function stepsOf({ steps, keptStep, stoppedEarly, settings, validation }: TuningCard): string {
  const stopped = stoppedEarly ? `, stopped early of ${count(Number(settings['steps']))}` : '';
  const kept = validation.length > 0 && keptStep !== steps ? `, weights of step ${count(keptStep)} kept` : '';
  return `${count(steps)}${stopped}${kept}`;
}

function lossFigure(card: TuningCard): TemplateResult {
  const { history, validation, keptStep } = card;
  const part = card.parts[0]!;
  const title = `Loss over ${counted(history.length, 'step')} on ${part.data}`;
  const best = validation.find(({ step }) => step === keptStep);
  const rows = [...history.map((point) => ({ ...point, side: 'training' })), ...validation.map((point) => ({ ...point, side: 'validation' }))];
  return figure({
    title,
    summary: best
      ? `The loss on ${counted(part.sides.validation.length, `validation ${part.unit}`)} was ${decimal(validation[0]!.loss, 3)} before training and lowest at step ${count(keptStep)}, ${decimal(best.loss, 3)}; these weights were kept.`
      : `The loss of the last batch was ${decimal(history.at(-1)?.loss, 3)}; without a validation side the last weights were kept.`,
    notes: [
      part.task === 'rating' ? 'Mean squared error of z-scored ratings: predicting each dimension’s mean gives about 1.' : 'Mean negative log-probability of the right answer.',
      'Training: thin each batch, thick the mean over neighbours.',
    ],
    origins: part.origin ? [part.origin] : ['model'],
    legend: legend([...lossSeries.values()].slice(0, validation.length > 0 ? 2 : 1)),
    body: chart(title, lossCurve({ label: title, training: history, validation, keptStep }), [card]),
    table: {
      columns: [
        { label: 'side', value: (row) => row.side },
        { label: 'step', value: (row) => row.step, text: (row) => count(row.step), numeric: true },
        { label: 'loss', value: (row) => row.loss, text: (row) => decimal(row.loss, 4), numeric: true },
      ],
      rows,
    },
  });
}

function splitList({ sides, unit }: TaskCard): TemplateResult {
  const groups = [['Trained on', sides.train], ['Validated on', sides.validation], ['Held out', sides.test]] as const;
  return disclosure({
    summary: `Split: ${count(sides.train.length)} / ${count(sides.validation.length)} / ${count(sides.test.length)} ${unit}s${unit === 'word' ? '; no word has a form or a translation on another side' : ''}`,
    body: html`<dl class="split-list">${groups.map(([name, list]) => html`<div><dt>${name} <span class="figure-count">${count(list.length)}</span></dt>
      <dd>${list.length > 0 ? list.join(unit === 'sentence' ? ' / ' : ', ') : 'none'}</dd></div>`)}</dl>`,
  });
}
