/**
 * `<menu-button>`: a button that opens a list of commands. Arrow keys, Home, End, Escape and the first letters of an item
 * as in the ARIA menu pattern; closes on choice and when focus leaves.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { LightElement, register } from './element.ts';
import { icon, type IconName } from './icons.ts';

export interface MenuItem {
  readonly label: string;
  /** A second line. */
  readonly note?: string;
  readonly icon?: IconName;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** For one of several states: shows a check mark. */
  readonly checked?: boolean;
  readonly onChoose: () => void;
}

/** Words above the items that follow, which are about one thing. */
export interface MenuHeading {
  readonly heading: string;
}

/** How long letters that are typed count as one word. Milliseconds. */
const oneWord = 700;

export class MenuButton extends LightElement {
  static override properties = {
    label: {},
    icon: {},
    iconOnly: { type: Boolean, attribute: 'icon-only' },
    look: {},
    items: { attribute: false },
    opened: { state: true },
  };
  declare label: string;
  declare icon: IconName | '';
  declare iconOnly: boolean;
  declare look: 'plain' | 'primary' | 'quiet';
  /** `null` draws a line between groups. */
  declare items: readonly (MenuItem | MenuHeading | null)[];
  declare opened: boolean;
  #typed = '';
  #typedAt = 0;

  constructor() {
    super();
    this.label = '';
    this.icon = '';
    this.iconOnly = false;
    this.look = 'plain';
    this.items = [];
    this.opened = false;
    this.addEventListener('focusout', (event) => {
      if (!(event.relatedTarget instanceof Node && this.contains(event.relatedTarget))) this.opened = false;
    });
  }

  get #entries(): HTMLButtonElement[] {
    return [...this.querySelectorAll<HTMLButtonElement>('[role^=menuitem]:not(:disabled)')];
  }

  async #open(which: 'first' | 'last'): Promise<void> {
    this.opened = true;
    await this.updateComplete;
    (which === 'first' ? this.#entries[0] : this.#entries.at(-1))?.focus();
  }

  #close(): void {
    this.opened = false;
    this.querySelector<HTMLButtonElement>('.button')?.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.opened) {
      event.preventDefault();
      event.stopPropagation();
      this.#close();
      return;
    }
    if (this.opened && event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#find(event.key.toLowerCase());
      return;
    }
    if (!['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) return;
    event.preventDefault();
    if (!this.opened) {
      void this.#open(event.key === 'ArrowUp' ? 'last' : 'first');
      return;
    }
    const entries = this.#entries;
    const at = entries.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key] ?? 0;
    entries[(step + entries.length) % entries.length]?.focus();
  }

  /** Goes to the next item that begins with what was typed within a short while. */
  #find(letter: string): void {
    const now = performance.now();
    this.#typed = now - this.#typedAt < oneWord ? this.#typed + letter : letter;
    this.#typedAt = now;
    const entries = this.#entries;
    const at = entries.indexOf(document.activeElement as HTMLButtonElement);
    // A second letter may still mean the item that the first one found.
    const from = this.#typed.length > 1 ? Math.max(at, 0) : at + 1;
    const inOrder = [...entries.slice(from), ...entries.slice(0, from)];
    inOrder.find((entry) => entry.querySelector('.menu-text')?.textContent.trim().toLowerCase().startsWith(this.#typed))?.focus();
  }

  #choose(item: MenuItem): void {
    this.#close();
    item.onChoose();
  }

  /** `marked`: the list keeps a column for icons and check marks. */
  #item(item: MenuItem, marked: boolean): TemplateResult {
    const checkable = item.checked !== undefined;
    return html`<button type="button" class="menu-item" role=${checkable ? 'menuitemradio' : 'menuitem'} tabindex="-1"
      aria-checked=${checkable ? String(item.checked) : nothing} ?disabled=${item.disabled ?? false} ?data-danger=${item.danger ?? false}
      @click=${() => this.#choose(item)}>
      ${marked ? html`<span class="menu-icon">${item.checked ? icon('check') : item.icon ? icon(item.icon) : nothing}</span>` : nothing}
      <span class="menu-text"><span>${item.label}</span>${item.note ? html`<small>${item.note}</small>` : nothing}</span>
    </button>`;
  }

  protected override render(): unknown {
    const marked = this.items.some((item) => item !== null && !('heading' in item) && (item.icon !== undefined || item.checked !== undefined));
    const shown = (item: MenuItem | MenuHeading | null): TemplateResult => {
      if (item === null) return html`<hr class="menu-rule" />`;
      return 'heading' in item ? html`<div class="menu-heading" role="presentation">${item.heading}</div>` : this.#item(item, marked);
    };
    return html`<div class="menu" @keydown=${this.#key}>
      <button type="button" class="button button-${this.look} ${this.iconOnly ? 'button-icon' : ''}" aria-haspopup="menu" aria-expanded=${String(this.opened)}
        aria-label=${this.iconOnly ? this.label : nothing} data-tip=${this.iconOnly && !this.opened ? this.label : nothing}
        @click=${() => (this.opened ? this.#close() : this.#open('first'))}>
        ${this.icon ? icon(this.icon) : nothing}${this.iconOnly ? nothing : html`<span>${this.label}</span>${icon('down')}`}
      </button>
      ${this.opened
        ? html`<div class="menu-list" role="menu" aria-label=${this.label}>
            ${this.items.map(shown)}
          </div>`
        : nothing}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'menu-button': MenuButton }
}

register('menu-button', MenuButton);
