/** `<fetch-dialog>`: shows the whole address, asks, and downloads with progress. Resolves to the content, or null. */
import { html, nothing } from 'lit';
import { isCancelled, problemRecord, type ProblemRecord } from '../base/problem.ts';
import type { Progress } from '../base/progress.ts';
import { button, progressBar } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import { bytes } from '../ui/format.ts';
import { fetchFile } from './fetching.ts';
import { problemNote } from './problem-list.ts';

interface Question {
  readonly name: string;
  readonly address: string;
  readonly answer: (content: Blob | null) => void;
}

export class FetchDialog extends LightElement {
  static override properties = { question: { state: true }, progress: { state: true }, problem: { state: true } };
  declare question: Question | null;
  declare progress: Progress | null;
  declare problem: ProblemRecord | null;
  #controller: AbortController | null = null;

  constructor() {
    super();
    this.question = null;
    this.progress = null;
    this.problem = null;
  }

  /** Asks for a file. */
  async ask(name: string, address: string): Promise<Blob | null> {
    this.#finish(null);
    const answered = new Promise<Blob | null>((answer) => (this.question = { name, address, answer }));
    this.problem = null;
    this.progress = null;
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
    return answered;
  }

  #finish(content: Blob | null): void {
    this.#controller?.abort();
    this.#controller = null;
    this.question?.answer(content);
    this.question = null;
    this.querySelector('dialog')?.close();
  }

  async #fetch({ name, address }: Question): Promise<void> {
    const controller = new AbortController();
    this.#controller = controller;
    this.problem = null;
    this.progress = { label: `fetching ${name}`, done: 0, total: 0 };
    try {
      const content = await fetchFile(address, name, { signal: controller.signal, progress: (progress) => (this.progress = { ...progress, label: `${progress.label}, ${bytes(progress.done)}` }) });
      this.#controller = null;
      this.#finish(content);
    } catch (error) {
      if (!isCancelled(error)) this.problem = problemRecord(error);
    } finally {
      this.progress = null;
    }
  }

  protected override render(): unknown {
    const { question, progress, problem } = this;
    return html`<dialog class="dialog" aria-label="Fetch a file" @close=${() => this.#finish(null)}>
      ${question
        ? html`<h2 class="dialog-title">Fetch ${question.name}?</h2>
          <p class="address">${question.address}</p>
          <p class="quiet">${URL.canParse(question.address) ? new URL(question.address).host : 'The host'} will see that someone at your address asks for this file. The file stays in this browser.</p>
          ${progress ? progressBar(progress) : nothing}
          ${problem ? problemNote(problem) : nothing}
          <div class="dialog-actions">
            ${problem ? html`<a class="button" href=${question.address} target="_blank" rel="noopener noreferrer">Open the address</a>` : nothing}
            ${button({ label: 'Cancel', onClick: () => this.#finish(null) })}
            ${button({ label: problem ? 'Try again' : 'Fetch', look: 'primary', disabled: progress !== null, onClick: () => void this.#fetch(question) })}
          </div>`
        : nothing}
    </dialog>`;
  }
}

register('fetch-dialog', FetchDialog);
