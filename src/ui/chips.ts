/**
 * `<chip-list>`: a list of short texts. Enter or a comma adds what is typed, Backspace in an empty box takes the last
 * one back, each chip is a button that removes itself. Emits `change` with the whole list in `detail`.
 */
import { html, nothing } from 'lit';
import { LightElement, register } from './element.ts';
import { icon } from './icons.ts';

export class ChipList extends LightElement {
  static override properties = {
    values: { attribute: false },
    suggestions: { attribute: false },
    label: {},
    placeholder: {},
    closed: { type: Boolean },
    describedBy: { attribute: false },
    invalid: { type: Boolean },
    inputId: { attribute: false },
  };
  declare values: readonly string[];
  /** Offered while typing; with `closed`, the only values that may be chosen. */
  declare suggestions: readonly string[];
  declare label: string;
  declare placeholder: string;
  declare closed: boolean;
  declare describedBy: string;
  declare invalid: boolean;
  declare inputId: string;

  constructor() {
    super();
    this.values = [];
    this.suggestions = [];
    this.label = '';
    this.placeholder = '';
    this.closed = false;
    this.describedBy = '';
    this.invalid = false;
    this.inputId = '';
  }

  #emit(values: readonly string[]): void {
    this.values = values;
    this.dispatchEvent(new CustomEvent('change', { detail: values, bubbles: true }));
  }

  #add(text: string): void {
    const value = text.trim();
    if (value && !this.values.includes(value)) this.#emit([...this.values, value]);
  }

  #typed(event: KeyboardEvent): void {
    const input = event.target as HTMLInputElement;
    if ((event.key === 'Enter' || event.key === ',') && input.value.trim()) {
      event.preventDefault();
      this.#add(input.value);
      input.value = '';
    } else if (event.key === 'Backspace' && !input.value && this.values.length) {
      event.preventDefault();
      this.#emit(this.values.slice(0, -1));
    }
  }

  /** The box's own change event is not the list's; a half-typed value is kept when the box is left. */
  #left(event: Event): void {
    event.stopPropagation();
    const input = event.target as HTMLInputElement;
    const text = input.value;
    input.value = '';
    this.#add(text);
  }

  #chosen(event: Event): void {
    event.stopPropagation();
    const box = event.target as HTMLSelectElement;
    const value = box.value;
    box.value = '';
    this.#add(value);
  }

  protected override render(): unknown {
    const open = this.suggestions.filter((option) => !this.values.includes(option));
    return html`<div class="chips" role="group" aria-label=${this.label} ?data-invalid=${this.invalid}>
      ${this.values.map((value, at) => html`<button type="button" class="chip" aria-label="remove ${value}"
        @click=${() => this.#emit(this.values.filter((_, index) => index !== at))}><span>${value}</span>${icon('close')}</button>`)}
      ${this.closed
        ? open.length
          ? html`<select class="chip-add" id=${this.inputId || nothing} aria-label="${this.label}: add" aria-describedby=${this.describedBy || nothing} @change=${this.#chosen}>
              <option value="">${this.placeholder || 'add…'}</option>
              ${open.map((option) => html`<option>${option}</option>`)}
            </select>`
          : nothing
        : html`<input class="chip-add" id=${this.inputId || nothing} aria-label="${this.label}: add" aria-describedby=${this.describedBy || nothing} aria-invalid=${this.invalid ? 'true' : nothing}
            placeholder=${this.values.length ? '' : this.placeholder} autocomplete="off" spellcheck="false" @keydown=${this.#typed} @change=${this.#left} />`}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'chip-list': ChipList }
}

register('chip-list', ChipList);
