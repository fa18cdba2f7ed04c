/**
 * What the heatmap of an RDM and a row of them share: width and theme, the pair of words being read, how the pointer and
 * the arrow keys choose it, and the cross that marks it.
 */
import type { PropertyDeclarations } from 'lit';
import { LightElement } from '../ui/element.ts';
import { themeOf, watchTheme } from '../ui/theme.ts';

/** Room for categories at the left of a square, and the square's side, CSS pixels. */
export interface SquareLayout {
  readonly gutter: number;
  readonly side: number;
}

export abstract class PairReader extends LightElement {
  static override properties: PropertyDeclarations = { width: { state: true }, theme: { state: true }, cursor: { state: true } };
  declare width: number;
  declare theme: 'light' | 'dark';
  /** Drawn row and column being read. */
  declare cursor: readonly [number, number] | null;

  /** What the last pictures depended on. */
  protected painted: readonly unknown[] = [];
  #observer: ResizeObserver | null = null;
  #unwatch: (() => void) | null = null;

  constructor() {
    super();
    this.width = 0;
    this.theme = 'light';
    this.cursor = null;
  }

  /** Words along a side. */
  protected abstract get count(): number;
  protected abstract get layout(): SquareLayout;

  override connectedCallback(): void {
    super.connectedCallback();
    const look = () => { this.theme = themeOf(this); };
    look();
    this.#unwatch = watchTheme(look);
    this.#observer = new ResizeObserver(() => { this.width = Math.floor(this.clientWidth); });
    this.#observer.observe(this);
    this.width = Math.floor(this.clientWidth);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    this.#unwatch?.();
    this.painted = [];
  }

  /** On a square: reads the pair under the pointer. */
  protected pointed(event: PointerEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const n = this.count;
    const { gutter, side } = this.layout;
    const [column, row] = [event.clientX - box.left - gutter, event.clientY - box.top].map((at) => Math.floor((at / side) * n)) as [number, number];
    this.cursor = row >= 0 && row < n && column >= 0 && column < n ? [row, column] : null;
  }

  protected released(): void {
    this.cursor = null;
  }

  protected key(event: KeyboardEvent): void {
    const moves: Record<string, readonly [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const move = moves[event.key];
    if (event.key === 'Escape') this.cursor = null;
    if (!move) return;
    event.preventDefault();
    const last = this.count - 1;
    const step = event.shiftKey ? 10 : 1;
    const clamp = (place: number) => Math.min(last, Math.max(0, place));
    this.cursor = this.cursor ? [clamp(this.cursor[0] + move[0] * step), clamp(this.cursor[1] + move[1] * step)] : [0, Math.min(1, last)];
  }

  /** Sizes a square's canvas for the screen; null where it cannot be drawn on. */
  protected sized(canvas: HTMLCanvasElement | null): { context: CanvasRenderingContext2D; ratio: number } | null {
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return null;
    const ratio = devicePixelRatio || 1;
    const { gutter, side } = this.layout;
    canvas.width = Math.round((gutter + side) * ratio);
    canvas.height = Math.round(side * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingEnabled = false;
    return { context, ratio };
  }

  /** Lays the cross of a square over the pair being read. */
  protected placeCross(square: ParentNode): void {
    const [row, column] = [square.querySelector<HTMLElement>('.rdm-cross-row'), square.querySelector<HTMLElement>('.rdm-cross-column')];
    if (!this.cursor || !row || !column) return;
    const { gutter, side } = this.layout;
    const size = side / this.count;
    const thick = Math.max(3, size);
    const place = (at: number) => (at + 0.5) * size - thick / 2;
    Object.assign(row.style, { left: `${gutter}px`, top: '0', width: `${side}px`, height: `${thick}px`, transform: `translateY(${place(this.cursor[0])}px)` });
    Object.assign(column.style, { left: `${gutter}px`, top: '0', width: `${thick}px`, height: `${side}px`, transform: `translateX(${place(this.cursor[1])}px)` });
  }
}
