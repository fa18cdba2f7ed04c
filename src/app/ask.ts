/** Small questions in a dialog of their own: a line of text, or yes and no. */
import { html, nothing, render } from 'lit';
import { button } from '../ui/controls.ts';

interface Question {
  readonly title: string;
  readonly note?: string;
  /** Asks for a line of text when given. */
  readonly text?: { readonly label: string; readonly value: string };
  readonly yes: string;
}

/** Resolves to the text ('' for a question without one), or null when the reader thinks better of it. */
export function ask(question: Question): Promise<string | null> {
  const host = document.createElement('div');
  document.body.append(host);
  return new Promise((resolve) => {
    const finish = (answer: string | null): void => {
      host.querySelector('dialog')?.close();
      host.remove();
      resolve(answer);
    };
    const submit = (event: Event): void => {
      event.preventDefault();
      const value = host.querySelector('input')?.value.trim() ?? '';
      if (value || !question.text) finish(value);
    };
    render(
      html`<dialog class="dialog" aria-label=${question.title} @cancel=${() => finish(null)}>
        <form @submit=${submit}>
          <h2 class="dialog-title">${question.title}</h2>
          ${question.note ? html`<p class="quiet">${question.note}</p>` : nothing}
          ${question.text ? html`<input class="input" aria-label=${question.text.label} .value=${question.text.value} autocomplete="off" />` : nothing}
          <div class="dialog-actions">${button({ label: 'Cancel', onClick: () => finish(null) })}<button class="button button-primary" type="submit">${question.yes}</button></div>
        </form>
      </dialog>`,
      host,
    );
    host.querySelector('dialog')?.showModal();
    host.querySelector('input')?.select();
  });
}
