/** A figure as a file of its own: every colour and font that the page's stylesheet gave it written into the SVG. */
import { download } from '../ui/download.ts';

const PROPERTIES = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'opacity', 'font-family', 'font-size', 'font-weight', 'font-variant-numeric', 'text-anchor', 'paint-order'] as const;

function inline(source: Element, copy: Element): void {
  const computed = getComputedStyle(source);
  for (const property of PROPERTIES) {
    const value = computed.getPropertyValue(property);
    if (value) copy.setAttribute(property, value);
  }
  [...source.children].forEach((child, at) => {
    const twin = copy.children[at];
    if (twin) inline(child, twin);
  });
}

/** Size of the text below a drawing and the height of its lines, pixels. */
const foot = { size: 11, line: 15 } as const;

/** Breaks text between words into lines of about this many characters. */
function linesOf(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Lines of text below the drawing, which becomes that much taller. */
function addFoot(copy: SVGSVGElement, source: SVGSVGElement, text: string): void {
  const { width, height } = source.getBoundingClientRect();
  const box = copy.viewBox.baseVal;
  const [x, y, wide, high] = box && box.width > 0 ? [box.x, box.y, box.width, box.height] : [0, 0, width, height];
  const scale = height > 0 ? high / height : 1;
  const lines = linesOf(text, Math.max(20, Math.floor((width || wide) / (foot.size * 0.55))));
  const added = (lines.length + 0.5) * foot.line;
  copy.setAttribute('viewBox', `${x} ${y} ${wide} ${high + added * scale}`);
  copy.setAttribute('width', String(width || wide));
  copy.setAttribute('height', String((height || high) + added));
  const style = getComputedStyle(source);
  lines.forEach((words, at) => {
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    const place = { x: x + 4 * scale, y: y + high + (at + 1) * foot.line * scale, 'text-anchor': 'start', 'font-size': foot.size * scale, 'font-family': style.fontFamily, fill: style.color };
    for (const [name, value] of Object.entries(place)) line.setAttribute(name, String(value));
    line.textContent = words;
    copy.append(line);
  });
}

/**
 * Standalone SVG text of a drawing that is on the page, on the page's ground colour, with its title and description.
 * @param said what must stay with the drawing wherever it goes, as text below it.
 */
export function standaloneSvg(source: SVGSVGElement, title: string, description: string, said = ''): string {
  const copy = source.cloneNode(true) as SVGSVGElement;
  inline(source, copy);
  copy.removeAttribute('class');
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', getComputedStyle(source).getPropertyValue('--figure-ground') || 'none');
  if (said) addFoot(copy, source, said);
  const words = ([['title', title], ['desc', [description, said].filter(Boolean).join(' ')]] as const).map(([name, text]) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    element.textContent = text;
    return element;
  });
  copy.prepend(...words, ground);
  return new XMLSerializer().serializeToString(copy);
}

export function downloadSvg(source: SVGSVGElement, title: string, description: string, said = ''): void {
  download(`${fileName(title)}.svg`, standaloneSvg(source, title, description, said), 'image/svg+xml');
}

/** A title as a file name: lower case, hyphens. */
export function fileName(title: string): string {
  return title.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 60) || 'figure';
}
