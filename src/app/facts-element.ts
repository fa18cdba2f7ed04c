/** What panels of stored things share: facts that are read once the element is on the page, and anew after each change. */
import type { PropertyDeclarations } from 'lit';
import { LightElement } from '../ui/element.ts';

/** An element that shows facts of the type F; `read` says how they are come by. */
export abstract class FactsElement<F> extends LightElement {
  static override properties: PropertyDeclarations = { attempt: { attribute: false }, facts: { state: true } };
  /** Runs a task and tells the reader when it fails. */
  declare attempt: (task: () => Promise<void>) => void;
  /** Null until they were read. */
  declare facts: F | null;

  constructor() {
    super();
    this.facts = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.attempt(() => this.load());
  }

  protected abstract read(): Promise<F>;

  /** Reads the facts anew. */
  protected async load(): Promise<void> {
    this.facts = await this.read();
  }
}
