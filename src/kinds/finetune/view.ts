/** A tuned model's card: what it was trained on and how it went, the curves of its loss, and the split. */
import { html, nothing, type TemplateResult } from 'lit';
import { dimensionLabel } from '../../data/dimensions.ts';
import type { TaskCard, TunedPart, TuningCard } from '../../data/tuned.ts';
import type { ModelValue } from '../../data/values.ts';
import { fileName } from '../../figures/export.ts';
import { facts, type Fact } from '../../figures/facts.ts';
import { droppedNote } from '../../figures/figure.ts';
import { originBadge } from '../../figures/origin.ts';
import { badge } from '../../ui/badge.ts';
import { button, disclosure } from '../../ui/controls.ts';
import { download } from '../../ui/download.ts';
import { count, counted, decimal, duration, listed, percent } from '../../ui/format.ts';
import type { View } from '../kind.ts';
import { lossFigures } from './view-loss.ts';
import { referenceOf, taskOf, tasks } from './wording.ts';

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
  const { parts, settings } = card;
  const [part] = parts;
  const adapters = tuned.rounds.at(-1)!.adapters.length;
  const others = (tuned.repeats ?? []).flatMap(({ tuned: repeat }) => repeat?.rounds.at(-1)?.card ?? []);
  const several = parts.length > 1;
  return html`
    ${facts([
      ['base', tuned.rounds.length > 1 ? `${card.base}, itself tuned` : card.base],
      ...(several ? [['tasks', listed(parts.map(({ task }) => tasks[task]))] as const] : part ? partFacts(part, others) : []),
      ['steps', stepsOf(card)],
      several ? ['plan', String(settings['plan'] ?? '')] : null,
      ['trained numbers', `${count(card.parameters)} in ${counted(adapters, 'adapter')} of rank ${String(settings['rank'])}`],
      ['learning rate', String(settings['rate'])],
      ['device', card.device],
      ['time', duration([card, ...others].reduce((sum, { seconds }) => sum + seconds, 0) * 1000)],
      ['seed', others.length > 0 ? `${card.seed}; also ${listed(others.map(({ seed }) => String(seed)))}` : String(card.seed)],
      ['revision', html`<code title=${revision}>${revision.slice(0, 12)}…</code>`],
    ])}
    ${several ? parts.map((one) => html`<section class="card-part" aria-label=${one.task}>${facts(partFacts(one, others, card))}</section>`) : nothing}
    ${parts.map(dimensionsNote)}
    <div class="card-files">
      ${button({ label: 'Adapter for PEFT (zip)', icon: 'download', onClick: () => void downloadAdapter(value) })}
      <p class="card-note">For Python: what was learnt and this card, with none of the data.</p>
    </div>
    ${lossFigures(card, others)}
    ${parts.map((one) => html`${splitList(one, several)}${droppedNote(one.dropped)}`)}`;
}

/** @param card where there are several tasks, for this one's share */
function partFacts(part: TaskCard, others: readonly TuningCard[], card?: TuningCard): Fact[] {
  const { sides, unit, data, language, test } = part;
  return [
    ['task', taskOf(part)],
    ...(card ? [['share of the steps', percent(part.share)] as const] : []),
    ['data', language ? `${data}, ${language}` : data],
    ['trained on', counted(sides.train.length, unit)],
    ['validated on', counted(sides.validation.length, unit)],
    ['held out', counted(sides.test.length, unit)],
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

function dimensionsNote({ dimensions, heldOut }: TaskCard): TemplateResult | typeof nothing {
  if (dimensions.length === 0) return nothing;
  return html`<p class="card-note">Dimensions: ${listed(dimensions.map(dimensionLabel))}.${heldOut.length > 0 ? ` Held out: ${listed(heldOut.map(dimensionLabel))}.` : ''}</p>`;
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

function splitList({ sides, unit, task }: TaskCard, named: boolean): TemplateResult {
  const groups = [['Trained on', sides.train], ['Validated on', sides.validation], ['Held out', sides.test]] as const;
  return disclosure({
    summary: `Split${named ? ` of ${task}` : ''}: ${count(sides.train.length)} / ${count(sides.validation.length)} / ${count(sides.test.length)} ${unit}s${unit === 'word' ? '; no word has a form or a translation on another side' : ''}`,
    body: html`<dl class="split-list">${groups.map(([name, list]) => html`<div><dt>${name} <span class="figure-count">${count(list.length)}</span></dt>
      <dd>${list.length > 0 ? list.join(unit === 'sentence' ? ' / ' : ', ') : 'none'}</dd></div>`)}</dl>`,
  });
}
