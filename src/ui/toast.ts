/**
 * `<toast-stack>`: short messages at the foot of the page, read out politely, gone after a while unless they are pointed
 * at. Put one in the page and call `toast`.
 */
import { html, nothing } from 'lit';
import { button } from './controls.ts';
import { LightElement, register } from './element.ts';

export interface Toast {
  readonly text: string;
  readonly tone?: 'plain' | 'bad' | 'good';
  readonly action?: { readonly label: string; readonly onClick: () => void };
  /** Milliseconds it stays; 0 = until dismissed. Default 6 s, or 30 s with an action. */
  readonly stay?: number;
}

/** No more than so many at once: on a phone each takes a good part of the page. The oldest goes first. */
const MOST = 3;

export class ToastStack extends LightElement {
  static override properties = { toasts: { state: true } };
  declare toasts: readonly Toast[];

  constructor() {
    super();
    this.toasts = [];
  }

  show(message: Toast): void {
    this.toasts = [...this.toasts, message].slice(-MOST);
    const stay = message.stay ?? (message.action ? 30_000 : 6000);
    if (stay > 0) setTimeout(() => this.#leave(message), stay);
  }

  #leave(message: Toast): void {
    // Not while the reader points at it or has focus inside.
    if (this.matches(':hover, :focus-within')) setTimeout(() => this.#leave(message), 1500);
    else this.dismiss(message);
  }

  dismiss(message: Toast): void {
    this.toasts = this.toasts.filter((other) => other !== message);
  }

  /** What offers to do something belongs to what was on the page when it was said. */
  dismissActions(): void {
    this.toasts = this.toasts.filter(({ action }) => !action);
  }

  protected override render(): unknown {
    return html`<div class="toasts" role="status" aria-live="polite">
      ${this.toasts.map((message) => html`<div class="toast" data-tone=${message.tone ?? 'plain'}>
        <span>${message.text}</span>
        ${message.action ? button({ label: message.action.label, look: 'quiet', onClick: () => { message.action?.onClick(); this.dismiss(message); } }) : nothing}
        ${button({ label: 'Dismiss', icon: 'close', iconOnly: true, look: 'quiet', onClick: () => this.dismiss(message) })}
      </div>`)}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'toast-stack': ToastStack }
}

register('toast-stack', ToastStack);

/** Shows a message in the page's stack, making one if the page has none. */
export function toast(message: Toast): void {
  let stack = document.querySelector<ToastStack>('toast-stack');
  if (!stack) {
    stack = document.createElement('toast-stack') as ToastStack;
    document.body.append(stack);
  }
  stack.show(message);
}

/** Takes away the messages that offer to do something, as when another notebook is opened. */
export function dismissActions(): void {
  document.querySelector<ToastStack>('toast-stack')?.dismissActions();
}
