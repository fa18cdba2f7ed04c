/** `<app-header>`: where the reader is, whether it is saved, and what can be done with the whole notebook. */
import { html, nothing, type TemplateResult } from 'lit';
import { isCurrent, type CellState } from '../notebook/state.ts';
import { button } from '../ui/controls.ts';
import { LightElement, register } from '../ui/element.ts';
import '../ui/menu.ts';
import type { MenuItem } from '../ui/menu.ts';
import type { ThemeChoice } from '../ui/theme.ts';
import { setTheme, themeChoice } from './preferences.ts';
import { quickSwitch } from './quick.ts';
import type { Workbench } from './workbench.ts';

export type AppCommand = 'library' | 'storage' | 'settings' | 'history' | 'statistics' | 'rename' | 'duplicate' | 'save' | 'restore-original' | 'take-over' | 'open-file';

const saveWords = { saved: 'Saved', saving: 'Saving…', unsaved: 'Saving…', failed: 'Not saved' } as const;

function isBusy({ status }: CellState): boolean {
  return status === 'running' || status === 'queued';
}

export class AppHeader extends LightElement {
  static override properties = { bench: { attribute: false }, theme: { state: true } };
  declare bench: Workbench | null;
  declare theme: ThemeChoice;
  #stop: () => void = () => undefined;
  #watched: Workbench | null = null;

  constructor() {
    super();
    this.bench = null;
    this.theme = themeChoice();
    // Settings has the choice too.
    document.addEventListener('theme-chosen', () => (this.theme = themeChoice()));
  }

  protected override willUpdate(): void {
    if (this.#watched === this.bench) return;
    this.#stop();
    this.#watched = this.bench;
    this.#stop = this.bench?.onChange(() => this.requestUpdate()) ?? (() => undefined);
  }

  #command(command: AppCommand): void {
    this.dispatchEvent(new CustomEvent<AppCommand>('app-command', { detail: command, bubbles: true }));
  }

  #run(bench: Workbench): TemplateResult | typeof nothing {
    const { session } = bench;
    if (!bench.canRun || session.cells.length === 0) return nothing;
    const busy = session.cells.some(isBusy);
    const waiting = session.cells.filter((state) => !isCurrent(state) && !isBusy(state));
    const label = waiting.length === session.cells.length || waiting.every(({ value }) => value === null) ? 'Run all' : `Run stale (${waiting.length})`;
    // Run stays where it is: a button that turned into Cancel under the pointer would stop what it started.
    return html`${busy ? html`<span class="header-cancel">${button({ label: 'Cancel all', icon: 'stop', onClick: () => session.cancelAll() })}</span>` : nothing}
      ${button({ label, icon: 'run', look: waiting.length > 0 ? 'primary' : 'plain', disabled: waiting.length === 0, onClick: () => bench.runAll() })}`;
  }

  #more(bench: Workbench): TemplateResult {
    const stored = bench.canEdit;
    const items: (MenuItem | null)[] = [
      { label: 'Run everything again', note: 'Stored results are not used', icon: 'run', disabled: !bench.canRun, onChoose: () => bench.runAllAgain() },
      null,
      { label: 'Rename…', disabled: !stored, onChoose: () => this.#command('rename') },
      { label: 'Duplicate', disabled: !stored, onChoose: () => this.#command('duplicate') },
      { label: 'Save as a file', note: 'Markdown, opens anywhere', icon: 'download', onChoose: () => this.#command('save') },
      { label: 'Open a file…', icon: 'file', onChoose: () => this.#command('open-file') },
      { label: 'History…', onChoose: () => this.#command('history') },
      ...(bench.origin === 'bundled' ? [{ label: 'Restore the original', disabled: !stored, onChoose: () => this.#command('restore-original') }] : []),
      null,
      { label: 'Statistics…', note: 'What each number is, and when to trust it', onChoose: () => this.#command('statistics') },
      { label: 'Storage…', onChoose: () => this.#command('storage') },
      { label: 'Settings…', note: 'Theme, where models come from', icon: 'sliders', onChoose: () => this.#command('settings') },
    ];
    return html`<menu-button .label=${'More'} .icon=${'more'} .iconOnly=${true} .look=${'quiet'} .items=${items}></menu-button>`;
  }

  #themes(): TemplateResult {
    const choose = (choice: ThemeChoice): void => {
      setTheme(choice);
      this.theme = choice;
    };
    const items: MenuItem[] = (['system', 'light', 'dark'] as const).map((choice) => ({
      label: { system: 'As the system', light: 'Light', dark: 'Dark' }[choice], checked: choice === this.theme, onChoose: () => choose(choice),
    }));
    return html`<menu-button .label=${'Theme'} .icon=${this.theme === 'dark' ? 'moon' : 'sun'} .iconOnly=${true} .look=${'quiet'} .items=${items}></menu-button>`;
  }

  #state(bench: Workbench): TemplateResult {
    if (!bench.canEdit) return html`<span class="header-state">Read only</span>`;
    const { state } = bench.holder;
    return html`<span class="header-state" data-state=${state}>${saveWords[state]}</span>`;
  }

  protected override render(): unknown {
    const { bench } = this;
    return html`<header class="header">
      <div class="header-place">
        <button type="button" class="button button-quiet wordmark" @click=${() => this.#command('library')} aria-haspopup="dialog"><span class="mark" aria-hidden="true"></span><span class="wordmark-text">Notebooks</span></button>
        ${bench ? html`<span class="header-title" title=${bench.session.document.title}>${bench.session.document.title}</span>${this.#state(bench)}` : nothing}
      </div>
      <div class="header-tools">
        ${bench ? html`${quickSwitch(bench)}${this.#run(bench)}` : nothing}
        ${this.#themes()}
        ${bench ? this.#more(bench) : nothing}
      </div>
    </header>`;
  }
}

register('app-header', AppHeader);
