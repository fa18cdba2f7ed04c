/** `<cell-assist>`: what a kind adds to its form's fields, above or below, loaded when the form is opened. Emits `params-change`. */
import { nothing, type PropertyValues } from 'lit';
import type { Assistance, Changes, Kind } from '../kinds/kind.ts';
import { LightElement, register } from '../ui/element.ts';
import { tell } from './attempt.ts';
import { hubInUse, onHubChange } from './hub.ts';

export class CellAssist extends LightElement {
  static override properties = { kind: { attribute: false }, params: { attribute: false }, locked: { type: Boolean }, trusted: { type: Boolean }, result: { attribute: false }, assistance: { state: true } };
  declare kind: Kind;
  /** Values as the notebook has them. */
  declare params: Readonly<Record<string, unknown>>;
  declare locked: boolean;
  /** Whether the notebook is the reader's own. */
  declare trusted: boolean;
  /** Key of the cell's result: another one may have come with what the kind's part shows, a download that is kept. */
  declare result: string | null;
  declare assistance: Assistance | null;
  /** Fulfilled when the kind's part is drawn; at once for a kind without. */
  ready: Promise<unknown> = Promise.resolve();
  #stop: () => void = () => undefined;

  constructor() {
    super();
    this.params = {};
    this.locked = false;
    this.trusted = false;
    this.result = null;
    this.assistance = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = onHubChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('kind')) return;
    this.assistance = null;
    const { kind } = this;
    this.ready = kind.assist?.().then(async (loaded) => {
      if (this.kind !== kind) return;
      this.assistance = loaded;
      await this.updateComplete;
      const part = this.firstElementChild;
      if (part instanceof LightElement) await part.updateComplete;
    }).catch(tell) ?? Promise.resolve();
  }

  /** What a typed value means for other fields as well; null also before the kind's part has loaded. */
  meant(name: string, value: unknown): Changes | null {
    return this.assistance?.meant(name, value, { params: this.params, hub: hubInUse() }) ?? null;
  }

  protected override render(): unknown {
    if (!this.assistance) return nothing;
    const set = (changes: Changes): void => void this.dispatchEvent(new CustomEvent<Changes>('params-change', { detail: changes, bubbles: true }));
    return this.assistance.assist({ params: this.params, locked: this.locked, trusted: this.trusted, hub: hubInUse(), set });
  }
}

register('cell-assist', CellAssist);
