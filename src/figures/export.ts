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

/** Standalone SVG text of a drawing that is on the page, on the page's ground colour, with its title and description. */
export function standaloneSvg(source: SVGSVGElement, title: string, description: string): string {
  const copy = source.cloneNode(true) as SVGSVGElement;
  inline(source, copy);
  copy.removeAttribute('class');
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', getComputedStyle(source).getPropertyValue('--figure-ground') || 'none');
  const words = ([['title', title], ['desc', description]] as const).map(([name, text]) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    element.textContent = text;
    return element;
  });
  copy.prepend(...words, ground);
  return new XMLSerializer().serializeToString(copy);
}

export function downloadSvg(source: SVGSVGElement, title: string, description: string): void {
  download(`${fileName(title)}.svg`, standaloneSvg(source, title, description), 'image/svg+xml');
}

/** A title as a file name: lower case, hyphens. */
export function fileName(title: string): string {
  return title.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 60) || 'figure';
}
