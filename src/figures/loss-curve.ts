/** The course of a training: the loss of every batch, its mean over neighbours, and the loss on the validation side. */
import * as Plot from '@observablehq/plot';
import { count, decimal } from '../ui/format.ts';
import { axisTitle, drawPlot, type ChartPoint, type Draw } from './plot.ts';
import { seriesOf, type Series } from './series.ts';

export interface LossPoint {
  /** Steps taken. */
  readonly step: number;
  readonly loss: number;
}

export interface LossCurve {
  /** Names the drawing. */
  readonly label: string;
  readonly training: readonly LossPoint[];
  readonly validation: readonly LossPoint[];
  /** Validation of the same training with other seeds, drawn thin. */
  readonly others?: readonly (readonly LossPoint[])[];
  /** Steps after which the kept weights were reached; marked where there is a validation. */
  readonly keptStep: number;
  /** Steps of the run, where the last point of the training is not at its end. */
  readonly steps?: number;
}

/** For the legend too. */
export const lossSeries: ReadonlyMap<string, Series> = seriesOf(['training', 'validation']);

/** Mean over each point and the `window - 1` before it; fewer at the beginning. */
export function runningMean(points: readonly LossPoint[], window: number): LossPoint[] {
  let sum = 0;
  return points.map(({ step, loss }, at) => {
    sum += loss - (at >= window ? points[at - window]!.loss : 0);
    // Summed anew once a window, so that a loss that was large once leaves no rounding behind for the rest of the curve.
    if (at % window === 0) sum = points.slice(Math.max(0, at - window + 1), at + 1).reduce((total, point) => total + point.loss, 0);
    return { step, loss: sum / Math.min(at + 1, window) };
  });
}

export function lossCurve({ label, training, validation, others = [], keptStep, steps }: LossCurve): Draw {
  return (width) => {
    const [trainingSeries, validationSeries] = [lossSeries.get('training')!, lossSeries.get('validation')!];
    const window = Math.max(1, Math.round(training.length / 20));
    const smooth = runningMean(training, window);
    // Not Math.max(...all): a long run has more points than a call takes arguments.
    const highest = [...training, ...validation, ...others.flat()].reduce((most, { loss }) => Math.max(most, loss), 1e-6);
    const drawn = drawPlot(label, {
      width,
      height: width < 480 ? 240 : 300,
      marginLeft: 48,
      marginRight: 14,
      marginTop: 30,
      marginBottom: 42,
      x: { ...axisTitle('steps', width, 48, 14), domain: [0, Math.max(1, steps ?? 0, training.at(-1)?.step ?? 1, ...others.map((points) => points.at(-1)?.step ?? 0))], tickSize: 0, tickPadding: 8, ticks: Math.max(2, Math.floor(width / 90)), tickFormat: (step: number) => (Number.isInteger(step) ? count(step) : '') },
      y: { label: 'loss', labelArrow: 'none', domain: [0, highest], nice: true, ticks: 5, tickSize: 0 },
      marks: [
        Plot.gridY({ ticks: 5, stroke: 'var(--rule)', strokeOpacity: 1 }),
        Plot.ruleY([0], { stroke: 'var(--boundary)' }),
        ...(validation.length > 0 ? [Plot.ruleX([keptStep], { stroke: 'var(--boundary)', strokeDasharray: '3 3' })] : []),
        Plot.lineY(training, { x: 'step', y: 'loss', stroke: trainingSeries.colour, strokeWidth: 1, strokeOpacity: 0.35 }),
        Plot.lineY(smooth, { x: 'step', y: 'loss', stroke: trainingSeries.colour, strokeWidth: 1.75 }),
        ...others.map((points) => Plot.lineY(points, { x: 'step', y: 'loss', stroke: validationSeries.colour, strokeWidth: 1, strokeOpacity: 0.5 })),
        Plot.lineY(validation, { x: 'step', y: 'loss', stroke: validationSeries.colour, strokeWidth: 1.75 }),
        Plot.dot(validation, { x: 'step', y: 'loss', fill: validationSeries.colour, symbol: validationSeries.symbol, r: 3.5, stroke: 'var(--surface)', strokeWidth: 1 }),
      ],
    });
    const readable = (points: readonly LossPoint[], series: Series, detail: string): ChartPoint[] => points.map(({ step, loss }) => ({
      x: drawn.x(step), y: drawn.y(loss), title: `${series.label}, step ${count(step)}`, lines: [`loss ${decimal(loss, 3)}`, ...(detail ? [detail] : [])], colour: series.colour,
    }));
    // As many as the arrow keys can be expected to go through.
    const stride = Math.max(1, Math.ceil(smooth.length / 40));
    return {
      svg: drawn.svg,
      points: [
        ...readable(validation, validationSeries, ''),
        ...readable(smooth.filter((_, at) => at % stride === 0 || at === smooth.length - 1), trainingSeries, window > 1 ? `mean of ${window} steps` : ''),
      ],
    };
  };
}
