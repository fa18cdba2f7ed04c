/**
 * The sequential scale of heatmaps: near = strong, far = the ground, in both themes. Lightness changes evenly and in one
 * direction (OKLab), so that the scale reads without hue, in print and with any colour vision.
 */

/** From near (0) to far (1). */
const STOPS = {
  light: ['#16123f', '#27407f', '#1f7a92', '#5fb095', '#c3d9a0', '#f8f5e4'],
  dark: ['#fdf6cf', '#b9d68f', '#4fae97', '#2a7790', '#2b4374', '#1b1c33'],
} as const;

export const RAMP_SIZE = 256;

type Lab = readonly [number, number, number];

function toLinear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

function toGamma(channel: number): number {
  return channel <= 0.0031308 ? channel * 12.92 : 1.055 * channel ** (1 / 2.4) - 0.055;
}

/** sRGB hex to OKLab (Ottosson 2020). */
function lab(hex: string): Lab {
  const [r, g, b] = [1, 3, 5].map((at) => toLinear(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}

/** OKLab to sRGB bytes. */
function rgb([lightness, a, b]: Lab): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return ([4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s, -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s] as const)
    .map((channel) => Math.round(255 * toGamma(Math.min(1, Math.max(0, channel))))) as [number, number, number];
}

function build(theme: 'light' | 'dark'): Uint8ClampedArray {
  const stops = STOPS[theme].map(lab);
  const table = new Uint8ClampedArray(RAMP_SIZE * 4);
  for (let at = 0; at < RAMP_SIZE; at += 1) {
    const place = (at / (RAMP_SIZE - 1)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(place));
    const [from, to] = [stops[low]!, stops[low + 1]!];
    const mixed = from.map((value, channel) => value + (to[channel]! - value) * (place - low)) as unknown as Lab;
    table.set([...rgb(mixed), 255], at * 4);
  }
  return table;
}

const tables = { light: build('light'), dark: build('dark') };

/** 256 RGBA colours, near to far. */
export function ramp(theme: 'light' | 'dark'): Uint8ClampedArray {
  return tables[theme];
}

/** The scale as a CSS gradient, near at the left. */
export function rampGradient(theme: 'light' | 'dark'): string {
  const table = tables[theme];
  const stops = Array.from({ length: 17 }, (_, at) => {
    const place = Math.round((at / 16) * (RAMP_SIZE - 1)) * 4;
    return `rgb(${table[place]} ${table[place + 1]} ${table[place + 2]})`;
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}
