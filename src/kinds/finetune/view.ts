/** A tuned model's card: what it was trained on and how it went, the curves of its loss, and the split. */
import { html, nothing, type TemplateResult } from 'lit';
import { dimensionLabel } from '../../data/dimensions.ts';
import type { TaskCard, TunedPart, TuningCard } from '../../data/tuned.ts';
import type { ModelValue } from '../../data/values.ts';
import { facts, type Fact } from '../../figures/facts.ts';
import { droppedNote } from '../../figures/figure.ts';
import { originBadge } from '../../figures/origin.ts';
import { countsOf } from '../../tuning/files/counts.ts';
import { badge } from '../../ui/badge.ts';
import { disclosure } from '../../ui/controls.ts';
import { count, counted, decimal, duration, listed, percent } from '../../ui/format.ts';
import type { View, ViewContext } from '../kind.ts';
import { modelDownloads } from './view-downloads.ts';
import { lossFigures } from './view-loss.ts';
import { referenceOf, taskOf, tasks } from './wording.ts';

export const view: View<'model'> = (value, context) => {
  const { tuned } = value;
  const round = tuned?.rounds.at(-1);
  return html`<div class="view card">
    <div class="card-head"><span class="card-name">${value.label}</span>${originBadge('model')}${badge('tuned')}${round?.card.parts.some(({ origin }) => origin === 'illustrative') ? originBadge('illustrative') : nothing}</div>
    ${tuned && round ? body(value, tuned, round.card, context) : nothing}
  </div>`;
};

function body(value: ModelValue, tuned: TunedPart, card: TuningCard, context: ViewContext): TemplateResult {
  const { revision } = value;
  const { parts, settings } = card;
  const [part] = parts;
  const adapters = tuned.rounds.at(-1)!.adapters.length;
  const others = (tuned.repeats ?? []).flatMap(({ tuned: repeat }) => repeat?.rounds.at(-1)?.card ?? []);
  const several = parts.length > 1;
  return html`
    ${facts([
      ['base', tuned.rounds.length > 1 ? `${card.base}, itself tuned` : card.base],
      ...(several ? [['tasks', listed(parts.map(({ task }) => tasks[task]))] as const] : part ? partFacts(part, card, others) : []),
      ['steps', stepsOf(card)],
      several ? ['plan', String(settings['plan'] ?? '')] : null,
      ['trained numbers', `${count(card.parameters)} in ${counted(adapters, 'adapter')} of rank ${String(settings['rank'])}`],
      ['learning rate', String(settings['rate'])],
      ['device', card.device],
      ['time', duration([card, ...others].reduce((sum, { seconds }) => sum + seconds, 0) * 1000)],
      ['seed', others.length > 0 ? `${card.seed}; also ${listed(others.map(({ seed }) => String(seed)))}` : String(card.seed)],
      ['revision', html`<code title=${revision}>${revision.slice(0, 12)}…</code>`],
    ])}
    ${several ? parts.map((one) => html`<section class="card-part" aria-label=${one.task}>${facts(partFacts(one, card, others))}</section>`) : nothing}
    ${parts.map(dimensionsNote)}
    ${modelDownloads(value, context)}
    ${lossFigures(card, others)}
    ${parts.map((one) => html`${splitList(one, several)}${droppedNote(one.dropped)}`)}`;
}

/** What one task was, with its share of the steps where there are several. */
export function partFacts(part: TaskCard, card: TuningCard, others: readonly TuningCard[]): Fact[] {
  const { unit, data, language, test } = part;
  const counts = countsOf(card, card.parts.indexOf(part));
  return [
    ['task', taskOf(part)],
    ...(card.parts.length > 1 ? [['share of the steps', percent(part.share)] as const] : []),
    ['data', language ? `${data}, ${language}` : data],
    ['trained on', counted(counts.train, unit)],
    ['validated on', counted(counts.validation, unit)],
    ['held out', counted(counts.test, unit)],
    ...(test ? [['loss on held out', `${decimal(test.loss, 3)} (${referenceOf(part)}: ${decimal(test.reference, 3)})`] as const] : []),
    ...spread(part, others),
  ];
}

/** The held-out loss over all seeds. */
function spread({ task, test }: TaskCard, others: readonly TuningCard[]): Fact[] {
  const losses = [test, ...others.map(({ parts }) => parts.find((part) => part.task === task)?.test ?? null)].flatMap((one) => (one ? [one.loss] : []));
  if (losses.length < 2) return [];
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const sd = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / (losses.length - 1));
  return [[`the same over ${losses.length} seeds`, `mean ${decimal(mean, 3)}, SD ${decimal(sd, 3)}, ${decimal(Math.min(...losses), 3)} to ${decimal(Math.max(...losses), 3)}`]];
}

export function dimensionsNote({ dimensions, heldOut }: TaskCard): TemplateResult | typeof nothing {
  if (dimensions.length === 0) return nothing;
  return html`<p class="card-note">Dimensions: ${listed(dimensions.map(dimensionLabel))}.${heldOut.length > 0 ? ` Held out: ${listed(heldOut.map(dimensionLabel))}.` : ''}</p>`;
}

export function stepsOf({ steps, keptStep, stoppedEarly, settings, validation }: TuningCard): string {
  const stopped = stoppedEarly ? `, stopped early of ${count(Number(settings['steps']))}` : '';
  const kept = validation.length > 0 && keptStep !== steps ? `, weights of step ${count(keptStep)} kept` : '';
  return `${count(steps)}${stopped}${kept}`;
}

function splitList({ sides, unit, task }: TaskCard, named: boolean): TemplateResult {
  const groups = [['Trained on', sides.train], ['Validated on', sides.validation], ['Held out', sides.test]] as const;
  return disclosure({
    summary: `Split${named ? ` of ${task}` : ''}: ${count(sides.train.length)} / ${count(sides.validation.length)} / ${count(sides.test.length)} ${unit}s${unit === 'word' ? '; no word has a form or a translation on another side' : ''}`,
    body: html`<dl class="split-list">${groups.map(([name, list]) => html`<div><dt>${name} <span class="figure-count">${count(list.length)}</span></dt>
      <dd>${list.length > 0 ? list.join(unit === 'sentence' ? ' / ' : ', ') : 'none'}</dd></div>`)}</dl>`,
  });
}
