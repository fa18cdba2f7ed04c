/** The card of a model whose adapter came from a file: what the file says of its training, and what it does not. */
import { html, nothing } from 'lit';
import { facts, type Fact } from '../../figures/facts.ts';
import { originBadge } from '../../figures/origin.ts';
import { badge } from '../../ui/badge.ts';
import { count, counted, listed } from '../../ui/format.ts';
import { lossFigures } from '../finetune/view-loss.ts';
import { modelDownloads } from '../finetune/view-downloads.ts';
import { dimensionsNote, partFacts, stepsOf } from '../finetune/view.ts';
import { tasks } from '../finetune/wording.ts';
import type { View } from '../kind.ts';

export const view: View<'model'> = (value, context) => {
  const round = value.tuned?.rounds.at(-1);
  if (!round) return html`${nothing}`;
  const { card, adapters } = round;
  const { parts, imported } = card;
  const ranks = [...new Set(adapters.map(({ rank }) => count(rank)))];
  const several = parts.length > 1;
  const known: Fact[] = parts.length === 0 ? [] : [
    ...(several ? [['tasks', listed(parts.map(({ task }) => tasks[task]))] as const] : partFacts(parts[0]!, card, [])),
    ['steps', stepsOf(card)],
    ['trained on device', card.device],
    ['seed', String(card.seed)],
  ];
  return html`<div class="view card">
    <div class="card-head"><span class="card-name">${value.label}</span>${originBadge('model')}${badge('tuned')}${badge('from a file')}${parts.some(({ origin }) => origin === 'illustrative') ? originBadge('illustrative') : nothing}</div>
    ${facts([
      ['file', imported?.file ?? ''],
      ['base', value.tuned!.rounds.length > 1 ? `${card.base}, itself tuned` : card.base],
      ...known,
      ['numbers', `${count(adapters.reduce((sum, { a, b }) => sum + a.length + b.length, 0))} in ${counted(adapters.length, 'adapter')} of rank ${listed(ranks)}`],
      ['revision', html`<code title=${value.revision}>${value.revision.slice(0, 12)}…</code>`],
    ])}
    ${several ? parts.map((one) => html`<section class="card-part" aria-label=${one.task}>${facts(partFacts(one, card, []))}</section>`) : nothing}
    ${parts.map(dimensionsNote)}
    <p class="card-note">${seenNote(imported?.seen ?? null)}</p>
    ${modelDownloads(value, context)}
    ${lossFigures(card, [])}
  </div>`;
};

function seenNote(seen: readonly string[] | null): string {
  return seen === null
    ? 'The file does not say which words it was trained on.'
    : `The file marks ${counted(seen.length, 'form')} of words and questions as trained or validated on, by hashes; a transfer cell leaves them out.`;
}
