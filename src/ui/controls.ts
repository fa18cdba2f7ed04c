/** Small controls as templates: native elements underneath, so that keyboard and screen readers work unaided. */
import { html, nothing, type TemplateResult } from 'lit';
import { freshId } from './element.ts';
import { icon, type IconName } from './icons.ts';

export interface ButtonOptions {
  readonly label: string;
  readonly icon?: IconName;
  /** Only the icon is seen; the label is its name and tooltip. */
  readonly iconOnly?: boolean;
  readonly look?: 'plain' | 'primary' | 'quiet' | 'danger';
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly onClick: (event: Event) => void;
}

export function button(options: ButtonOptions): TemplateResult {
  const { label, icon: name, iconOnly = false, look = 'plain', disabled = false, pressed, onClick } = options;
  return html`<button
    type="button"
    class="button button-${look} ${iconOnly ? 'button-icon' : ''}"
    ?disabled=${disabled}
    aria-label=${iconOnly ? label : nothing}
    data-tip=${iconOnly ? label : nothing}
    aria-pressed=${pressed === undefined ? nothing : String(pressed)}
    @click=${onClick}
  >${name ? icon(name) : nothing}${iconOnly ? nothing : html`<span>${label}</span>`}</button>`;
}

export interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
}

export interface ChoiceOptions<T extends string> {
  /** Names the group for screen readers; shown in front when `showLabel`. */
  readonly label: string;
  readonly showLabel?: boolean;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** Two to about five exclusive options in a row: radio buttons underneath. */
export function segmented<T extends string>(choice: ChoiceOptions<T>): TemplateResult {
  // Another name at each drawing, so it is set after `checked`: one that is still checked would uncheck those of the new group.
  const name = freshId('segmented');
  return html`<fieldset class="segmented">
    <legend class=${choice.showLabel ? 'segmented-label' : 'visually-hidden'}>${choice.label}</legend>
    <div class="segmented-track">
      ${choice.options.map((option) => html`<label class="segment">
        <input type="radio" .value=${option.value} .checked=${option.value === choice.value} name=${name} @change=${() => choice.onChange(option.value)} />
        <span>${option.label}</span>
      </label>`)}
    </div>
  </fieldset>`;
}

/** A native select with a visible or hidden label. */
export function select<T extends string>(choice: ChoiceOptions<T>): TemplateResult {
  return html`<label class="select-field">
    <span class=${choice.showLabel ? 'control-label' : 'visually-hidden'}>${choice.label}</span>
    <span class="select">
      <select .value=${choice.value} @change=${(event: Event) => choice.onChange((event.target as HTMLSelectElement).value as T)}>
        ${choice.options.map((option) => html`<option .value=${option.value} ?selected=${option.value === choice.value}>${option.label}</option>`)}
      </select>${icon('down')}
    </span>
  </label>`;
}

/** A switch. The label is part of it and can be clicked. */
export function toggle(options: { label: string; value: boolean; onChange: (value: boolean) => void; describedBy?: string }): TemplateResult {
  return html`<label class="toggle">
    <input type="checkbox" role="switch" .checked=${options.value} aria-describedby=${options.describedBy ?? nothing}
      @change=${(event: Event) => options.onChange((event.target as HTMLInputElement).checked)} />
    <span class="toggle-track" aria-hidden="true"></span>
    <span class="toggle-label">${options.label}</span>
  </label>`;
}

/** How far a step has come; without a total the bar only says that something runs. */
export function progressBar(progress: { label: string; done: number; total: number }): TemplateResult {
  const known = progress.total > 0;
  const share = known ? Math.min(1, Math.max(0, progress.done / progress.total)) : 0;
  return html`<div class="progress">
    <progress aria-label=${progress.label} max="1" .value=${known ? share : 0} ?data-unknown=${!known}></progress>
    <span class="progress-label">${progress.label}${known ? html` <span class="progress-share">${Math.round(share * 100)} %</span>` : nothing}</span>
  </div>`;
}

/** A native disclosure. */
export function disclosure(options: { summary: string | TemplateResult; body: TemplateResult; open?: boolean }): TemplateResult {
  return html`<details class="disclosure" ?open=${options.open ?? false}>
    <summary>${icon('chevron')}<span>${options.summary}</span></summary>
    <div class="disclosure-body">${options.body}</div>
  </details>`;
}
