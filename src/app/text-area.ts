/**
 * `<text-area>`: a textarea that grows with its text. It takes a new value from outside only while it is not being
 * typed in, so that the caret never jumps.
 */
import { html } from 'lit';
import { LightElement, register } from '../ui/element.ts';

export class TextArea extends LightElement {
  static override properties = { value: {}, label: {}, disabled: { type: Boolean }, code: { type: Boolean } };
  declare value: string;
  declare label: string;
  declare disabled: boolean;
  declare code: boolean;

  constructor() {
    super();
    this.value = '';
    this.label = '';
    this.disabled = false;
    this.code = false;
  }

  get box(): HTMLTextAreaElement | null {
    return this.querySelector('textarea');
  }

  protected override render(): unknown {
    return html`<textarea class="input text-area ${this.code ? 'text-area-code' : ''}" rows="1" aria-label=${this.label}
      ?readonly=${this.disabled} spellcheck=${this.code ? 'false' : 'true'} autocomplete="off" autocapitalize=${this.code ? 'off' : 'sentences'}></textarea>`;
  }

  protected override updated(): void {
    const { box } = this;
    if (!box || box.value === this.value || document.activeElement === box) return;
    box.value = this.value;
  }
}

register('text-area', TextArea);
