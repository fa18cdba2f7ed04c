/**
 * `<cell-form>`: a form made from a kind's fields. Each edit emits one `param-change` with {name, value}; `value` is
 * undefined when the reader goes back to the default. What cannot be read as the field's type is passed on as it was
 * typed, so that the notebook holds it and the check names it. A chosen file emits `file-chosen` with {name, file}.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { ValueType } from '../data/values.ts';
import { optionOf, shown, type ChoicesField, type Field, type Fields } from '../kinds/field.ts';
import { pagesOf } from '../kinds/pages.ts';
import '../ui/chips.ts';
import { segmented, toggle } from '../ui/controls.ts';
import { freshId, LightElement, register } from '../ui/element.ts';
import { icon } from '../ui/icons.ts';
import './form.css';

/** Options up to this many stand in a row; more go into a menu. */
const IN_A_ROW = 5;

export interface ParamChange {
  readonly name: string;
  readonly value: unknown;
}

/** Names of the notebook's cells by what they give. */
export type CellNames = Partial<Readonly<Record<ValueType, readonly string[]>>>;

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : value === undefined || value === null || value === '' ? [] : [String(value)]);

export class CellForm extends LightElement {
  static override properties = {
    fields: { attribute: false },
    params: { attribute: false },
    problems: { attribute: false },
    quick: { attribute: false },
    cells: { attribute: false },
    self: {},
    locked: { type: Boolean },
  };
  declare fields: Fields;
  /** Values as the notebook has them; a field that is not written is missing here and shows its default. */
  declare params: Readonly<Record<string, unknown>>;
  /** What is wrong, by field name. */
  declare problems: Readonly<Record<string, string>>;
  /** What the quick block does to a field, a sentence by field name. */
  declare quick: Readonly<Record<string, string>>;
  declare cells: CellNames;
  /** The cell's own name, never offered as a reference. */
  declare self: string;
  /** True where nothing may be changed; what explains a field can still be opened. */
  declare locked: boolean;

  readonly #prefix = freshId('field');
  /** What the reader opened or folded: groups of fields by their heading, folded options by their field's name. */
  readonly #opened = new Map<string, boolean>();

  constructor() {
    super();
    this.fields = {};
    this.params = {};
    this.problems = {};
    this.quick = {};
    this.cells = {};
    this.self = '';
    this.locked = false;
  }

  #emit(name: string, value: unknown): void {
    this.dispatchEvent(new CustomEvent<ParamChange>('param-change', { detail: { name, value }, bubbles: true, composed: true }));
  }

  #names(accepts: readonly ValueType[]): string[] {
    return [...new Set(accepts.flatMap((type) => this.cells[type] ?? []))].filter((name) => name !== this.self);
  }

  #described(name: string): string {
    return [`${this.#prefix}-${name}-help`, ...(this.problems[name] ? [`${this.#prefix}-${name}-problem`] : [])].join(' ');
  }

  #number(name: string, typed: string): void {
    const text = typed.trim().replace('−', '-');
    // Decimal commas are what many readers' keyboards give.
    const value = Number(/^-?\d+,\d+$/.test(text) ? text.replace(',', '.') : text);
    this.#emit(name, text === '' ? undefined : Number.isFinite(value) ? value : typed);
  }

  #text(name: string, value: unknown, options: { placeholder: string; numeric?: boolean; onChange: (text: string) => void }): TemplateResult {
    return html`<input class="input ${options.numeric ? 'input-number' : ''}" id="${this.#prefix}-${name}" .value=${live(value === undefined || value === null ? '' : String(value))}
      placeholder=${options.placeholder} inputmode=${options.numeric ? 'decimal' : nothing} autocomplete="off" spellcheck="false"
      aria-describedby=${this.#described(name)} aria-invalid=${this.problems[name] ? 'true' : nothing}
      @change=${(event: Event) => options.onChange((event.target as HTMLInputElement).value)} />`;
  }

  #menu(name: string, value: string, options: readonly string[], note: (option: string) => string = () => ''): TemplateResult {
    const all = value && !options.includes(value) ? [value, ...options] : options;
    return html`<span class="select" ?data-invalid=${Boolean(this.problems[name])}>
      <select id="${this.#prefix}-${name}" aria-describedby=${this.#described(name)} aria-invalid=${this.problems[name] ? 'true' : nothing}
        @change=${(event: Event) => this.#emit(name, (event.target as HTMLSelectElement).value)}>
        ${value ? nothing : html`<option value="" selected disabled>choose…</option>`}
        ${all.map((option) => html`<option .value=${option} .selected=${live(option === value)}>${option}${options.includes(option) ? note(option) : ' (not there)'}</option>`)}
      </select>${icon('down')}
    </span>`;
  }

  #control(name: string, field: Field): TemplateResult {
    const value = this.params[name] ?? field.default;
    const described = this.#described(name);
    switch (field.control) {
      case 'text':
        return this.#text(name, value, { placeholder: field.placeholder, onChange: (text) => this.#emit(name, text) });
      case 'number':
        return this.#text(name, value, { placeholder: '', numeric: true, onChange: (text) => this.#number(name, text) });
      case 'toggle':
        return toggle({ label: field.label, value: value === true, describedBy: described, onChange: (on) => this.#emit(name, on) });
      case 'choice': {
        const chosen = optionOf(field, value);
        return field.options.length <= IN_A_ROW && chosen !== undefined
          ? segmented({ label: field.label, value: chosen, options: field.options.map((option) => ({ value: option, label: option })), onChange: (option) => this.#emit(name, option) })
          : this.#menu(name, chosen ?? (value === undefined ? '' : String(value)), field.options);
      }
      case 'choices':
        return this.#choices(name, field, strings(value).map((one) => optionOf(field, one) ?? one));
      case 'list':
        return html`<chip-list .values=${strings(value)} .label=${field.label} .placeholder=${field.placeholder || 'type and press Enter'} .describedBy=${described} .inputId="${this.#prefix}-${name}" ?invalid=${Boolean(this.problems[name])}
          @change=${(event: CustomEvent<readonly string[]>) => this.#emit(name, event.detail)}></chip-list>`;
      case 'cell':
        return this.#menu(name, value === undefined ? '' : String(value), [...field.literals, ...this.#names(field.accepts)]);
      case 'cells':
        return html`<chip-list closed .values=${strings(value)} .suggestions=${this.#names(field.accepts)} .label=${field.label} .placeholder=${'add a cell…'} .describedBy=${described} .inputId="${this.#prefix}-${name}" ?invalid=${Boolean(this.problems[name])}
          @change=${(event: CustomEvent<readonly string[]>) => this.#emit(name, event.detail)}></chip-list>`;
      case 'file':
        return html`<div class="file-field">
          ${this.#text(name, value, { placeholder: 'no file', onChange: (text) => this.#emit(name, text) })}
          <label class="button">${icon('file')}<span>Choose…</span><input class="visually-hidden" type="file" accept=${field.accept} aria-label="Choose a file for ${field.label}"
            @change=${(event: Event) => {
              const input = event.target as HTMLInputElement;
              const file = input.files?.[0];
              if (file) this.dispatchEvent(new CustomEvent('file-chosen', { detail: { name, file }, bubbles: true, composed: true }));
              input.value = '';
            }} /></label>
        </div>`;
      default:
        return field satisfies never;
    }
  }

  /** Options behind the first few fold away where the field says so and none of them is chosen. */
  #choices(name: string, field: ChoicesField<string>, chosen: readonly string[]): TemplateResult {
    const option = (one: string): TemplateResult => html`<label class="choice"><input type="checkbox" value=${one} .checked=${live(chosen.includes(one))}
      @change=${(event: Event) => {
        const on = (event.target as HTMLInputElement).checked;
        // In the field's order, whatever the order of clicks.
        this.#emit(name, field.options.filter((other) => (other === one ? on : chosen.includes(other))));
      }} /><span>${field.labelOf(one)}</span></label>`;
    const { fold } = field;
    const behind = fold ? field.options.slice(fold.first) : [];
    const chosenBehind = behind.filter((one) => chosen.includes(one)).length;
    const key = `options of ${name}`;
    return html`<div class="choices" role="group" aria-label=${field.label} aria-describedby=${this.#described(name)}>
      ${field.options.slice(0, field.options.length - behind.length).map(option)}
      ${fold && behind.length
        ? html`<details class="choices-behind" ?open=${live(this.#opened.get(key) ?? chosenBehind > 0)} @toggle=${(event: Event) => this.#opened.set(key, (event.target as HTMLDetailsElement).open)}>
            <summary>${icon('chevron')}<span>${fold.heading}</span><span class="field-group-note">${chosenBehind ? `${chosenBehind} of ${behind.length} chosen` : behind.length}</span></summary>
            <div class="choices">${behind.map(option)}</div>
          </details>`
        : nothing}
    </div>`;
  }

  #field(name: string, field: Field): TemplateResult {
    const id = `${this.#prefix}-${name}`;
    const problem = this.problems[name];
    const written = this.params[name] !== undefined;
    // Groups carry their own name; a label element would point at nothing.
    const single = !['toggle', 'choices'].includes(field.control) && !(field.control === 'choice' && field.options.length <= IN_A_ROW);
    const wide = ['list', 'cells', 'file'].includes(field.control);
    return html`<div class="field" data-field=${name} ?data-wide=${wide} ?data-written=${written}>
      <div class="field-head">
        ${single ? html`<label class="field-label" for=${id}>${field.label}</label>` : html`<span class="field-label" aria-hidden="true">${field.label}</span>`}
        ${written && field.default !== undefined && !this.locked ? html`<button type="button" class="field-default" @click=${() => this.#emit(name, undefined)}>use default<span class="visually-hidden"> for ${field.label}</span></button>` : nothing}
      </div>
      <fieldset class="field-control" role="presentation" ?disabled=${this.locked}>${this.#control(name, field)}</fieldset>
      ${problem ? html`<p class="field-problem" id="${id}-problem">${icon('warning')}<span>${problem}</span></p>` : nothing}
      <p class="field-help" id="${id}-help">${field.help} ${field.default === undefined ? html`<span class="field-note">Required.</span>` : html`<span class="field-note">Default: ${shown(field.default)}.</span>`}${this.quick[name] === undefined ? nothing : html` <span class="field-note">${this.quick[name]}</span>`}</p>
      ${this.#pages(name, field)}
    </div>`;
  }

  /** Where the statistics that the field turns on are explained: beside its help, which screen readers read with the control. */
  #pages(name: string, field: Field): TemplateResult | typeof nothing {
    const pages = pagesOf(field, this.params[name] ?? field.default);
    if (pages.length === 0) return nothing;
    return html`<div class="field-pages">${pages.map(({ page, about }) => html`<button type="button" class="field-about"
      @click=${() => this.dispatchEvent(new CustomEvent('statistics-page', { detail: page, bubbles: true, composed: true }))}>About ${about}</button>`)}</div>`;
  }

  /** Fields of a group fold away unless one of them is written or wrong. */
  #group(heading: string, fields: readonly (readonly [string, Field])[]): TemplateResult {
    const written = fields.filter(([name]) => this.params[name] !== undefined);
    const wrong = fields.some(([name]) => this.problems[name]);
    return html`<details class="field-group" ?open=${live(wrong || (this.#opened.get(heading) ?? written.length > 0))}
      @toggle=${(event: Event) => this.#opened.set(heading, (event.target as HTMLDetailsElement).open)}>
      <summary>${icon('chevron')}<span class="field-group-name">${heading}</span><span class="field-group-note">${written.length ? `${written.length} of ${fields.length} changed` : `${fields.length} more, ${fields.length === 1 ? 'at its default' : 'at their defaults'}`}</span></summary>
      <div class="cell-form">${fields.map(([name, field]) => this.#field(name, field))}</div>
    </details>`;
  }

  protected override render(): unknown {
    const entries = Object.entries(this.fields);
    const plain = entries.filter(([, { group }]) => group === undefined);
    const headings = [...new Set(entries.flatMap(([, { group }]) => (group === undefined ? [] : [group])))];
    return html`<div class="cell-form">${plain.map(([name, field]) => this.#field(name, field))}</div>
      ${headings.map((heading) => this.#group(heading, entries.filter(([, { group }]) => group === heading)))}`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'cell-form': CellForm }
}

register('cell-form', CellForm);
