/**
 * `<cell-view>`: draws a cell's value with its kind's view, loaded when first needed. It is drawn again only when the
 * value, the width or the view's own state changes; a view that fails says so here and nowhere else.
 */
import { html, nothing, type PropertyValues } from 'lit';
import { problemRecord, type ProblemRecord } from '../base/problem.ts';
import type { CellValue } from '../data/values.ts';
import type { Kind, View, ViewContext } from '../kinds/kind.ts';
import { LightElement, register } from '../ui/element.ts';
import { problemNote } from './problem-list.ts';

type AnyView = View<CellValue['type']>;

/** What draws the values of each kind, once it has been loaded. */
const loaded = new Map<Kind, AnyView>();

export class CellView extends LightElement {
  static override properties = {
    cell: {},
    kind: { attribute: false },
    value: { attribute: false },
    params: { attribute: false },
    memory: { attribute: false },
    quick: { attribute: false },
    save: { attribute: false },
    width: { state: true },
    failure: { state: true },
  };
  declare cell: string;
  declare kind: Kind | null;
  declare value: CellValue | null;
  /** Parameters that the value was made with. */
  declare params: Readonly<Record<string, unknown>>;
  /** The view's own state. */
  declare memory: Map<string, unknown>;
  /** What Quick changed in the value; figures find it in `data-quick` and are drawn again with it. */
  declare quick: string;
  /** See ViewContext.save. */
  declare save: NonNullable<ViewContext['save']>;
  declare width: number;
  declare failure: ProblemRecord | null;
  readonly #observer = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.floor(entry.contentRect.width);
  });

  constructor() {
    super();
    this.cell = '';
    this.kind = null;
    this.value = null;
    this.params = {};
    this.memory = new Map();
    this.quick = '';
    this.save = async () => undefined;
    this.width = 0;
    this.failure = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('value') || changed.has('kind')) this.failure = null;
    if (this.kind && !loaded.has(this.kind)) void this.#load(this.kind);
  }

  /** Catches what a view throws while its template is made or put into the page. */
  protected override performUpdate(): void {
    try {
      super.performUpdate();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #load(kind: Kind): Promise<void> {
    try {
      loaded.set(kind, (await kind.view()).view as AnyView);
      this.requestUpdate();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { what } = problemRecord(error);
    this.failure = { code: 'view-failed', place: `cell ${this.cell}`, what: `the result cannot be drawn: ${what}`, fix: 'The result itself is kept; reload the page, and report it with the run card if it stays.' };
  }

  protected override render(): unknown {
    if (this.failure) return problemNote(this.failure);
    const view = this.kind && loaded.get(this.kind);
    if (!view || !this.value || this.width === 0) return nothing;
    return html`${view(this.value as never, { cell: this.cell, params: this.params, width: this.width, state: this.memory, save: this.save, update: () => this.requestUpdate() })}`;
  }
}

register('cell-view', CellView);
