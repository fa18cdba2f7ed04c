/**
 * The base of our elements: Lit without a shadow root, so that tokens, labels and `aria-describedby` work across the
 * page and one stylesheet dresses everything.
 */
import { LitElement } from 'lit';

export class LightElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

/** Registers an element once, also when a module is loaded twice (tests, hot reload). */
export function register(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

let made = 0;

/** An id unique on the page, for labels and descriptions. */
export function freshId(prefix: string): string {
  made += 1;
  return `${prefix}-${made}`;
}
