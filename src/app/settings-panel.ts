/** `<settings-panel>`: what holds for this browser and no single notebook: the theme, and where models come from. */
import { html, nothing, type TemplateResult } from 'lit';
import { hubName, mixedContent, publicHub } from '../base/hub.ts';
import { problemRecord, type ProblemRecord } from '../base/problem.ts';
import { button, segmented } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import { toast } from '../ui/toast.ts';
import type { ThemeChoice } from '../ui/theme.ts';
import { hubInUse, setHub } from './hub.ts';
import { setTheme, themeChoice } from './preferences.ts';
import { problemNote } from './problem-list.ts';

export class SettingsPanel extends LightElement {
  static override properties = { theme: { state: true }, problem: { state: true }, hub: { state: true } };
  declare theme: ThemeChoice;
  declare problem: ProblemRecord | null;
  declare hub: string;

  constructor() {
    super();
    this.theme = themeChoice();
    this.problem = null;
    this.hub = hubInUse();
  }

  #setHub(typed: string | null): void {
    try {
      setHub(typed);
      this.problem = null;
      this.hub = hubInUse();
      toast({ text: `Model cells that run from now on read from ${hubName(this.hub)}.` });
    } catch (error) {
      this.problem = problemRecord(error);
    }
  }

  #theme(): TemplateResult {
    return html`<section class="panel-part">
      <h3>Theme</h3>
      ${segmented<ThemeChoice>({
        label: 'Theme',
        value: this.theme,
        options: [{ value: 'system', label: 'As the system' }, { value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }],
        onChange: (choice) => {
          setTheme(choice);
          this.theme = choice;
          this.dispatchEvent(new CustomEvent('theme-chosen', { bubbles: true }));
        },
      })}
    </section>`;
  }

  #hubAddress(): TemplateResult {
    const submit = (event: Event): void => {
      event.preventDefault();
      const typed = this.querySelector<HTMLInputElement>('#hub-address')?.value.trim() ?? '';
      this.#setHub(typed || null);
    };
    const blocked = mixedContent(this.hub, location.href);
    return html`<section class="panel-part">
      <h3>Models</h3>
      <form class="hub-form" @submit=${submit} novalidate>
        <label class="field-label" for="hub-address">Hub address</label>
        <div class="hub-line">
          <input class="input" id="hub-address" type="url" inputmode="url" autocomplete="off" spellcheck="false" .value=${this.hub} placeholder=${publicHub}
            aria-describedby="hub-help" aria-invalid=${this.problem ? 'true' : nothing} />
          <button type="submit" class="button">Use</button>
        </div>
        ${this.problem ? problemNote(this.problem) : nothing}
        ${blocked ? html`<p class="hub-blocked">This page came over https, and browsers do not let such a page read from http. Serve the mirror over https, or Sensorium over http.</p>` : nothing}
        <p class="field-help" id="hub-help">Where models of the source “hub” come from: the Hugging Face hub, or a mirror with the same paths in a private network. It must allow other pages to read it. No notebook changes. Model cells that run from now on, and questions, go there; a model that was found elsewhere is read from there until its cell runs again.</p>
        ${this.hub === publicHub ? nothing : html`<div class="panel-actions">${button({ label: 'Use the public hub', onClick: () => this.#setHub(null) })}</div>`}
      </form>
    </section>`;
  }

  protected override render(): unknown {
    return html`${this.#theme()} ${this.#hubAddress()}`;
  }
}

register('settings-panel', SettingsPanel);
