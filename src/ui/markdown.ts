/**
 * Prose as HTML. Raw HTML in the Markdown is shown as text; what is left is sanitised once more, links open in a tab
 * that knows nothing of this one, and images come from this page or the text itself, never from other hosts.
 */
import DOMPurify from 'dompurify';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

const tags = [
  'a', 'p', 'br', 'hr', 'em', 'strong', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'input', 'img', 'section', 'sup',
  'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td',
];
const attributes = ['href', 'src', 'alt', 'title', 'align', 'start', 'checked', 'disabled', 'type', 'id', 'class', 'data-footnotes', 'aria-label', 'aria-describedby'];

const purify = DOMPurify(window);

purify.addHook('afterSanitizeAttributes', (node) => {
  if (node instanceof HTMLAnchorElement) guardLink(node);
  if (node instanceof HTMLImageElement) guardImage(node);
  if (node instanceof HTMLInputElement && node.type !== 'checkbox') node.remove();
});

function guardLink(link: HTMLAnchorElement): void {
  const address = link.getAttribute('href') ?? '';
  if (address.startsWith('#')) return;
  const to = URL.canParse(address, document.baseURI) ? new URL(address, document.baseURI) : null;
  if (!to || !['http:', 'https:', 'mailto:'].includes(to.protocol)) {
    link.removeAttribute('href');
    return;
  }
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
}

function guardImage(image: HTMLImageElement): void {
  const address = image.getAttribute('src') ?? '';
  const from = URL.canParse(address, document.baseURI) ? new URL(address, document.baseURI) : null;
  const drawn = from?.protocol === 'data:' && /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]/i.test(address);
  if (drawn || from?.origin === location.origin) {
    image.loading = 'lazy';
    return;
  }
  const instead = document.createElement('em');
  instead.textContent = `[image not loaded: ${image.alt || from?.host || 'no address'}]`;
  image.replaceWith(instead);
}

/** Markdown (with tables, footnotes, task lists) as sanitised nodes. */
export function renderMarkdown(text: string): DocumentFragment {
  // The protocols that this lets through are stopped by the hooks above; without it images in the text itself would go too.
  const html = micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousProtocol: true });
  const fragment = purify.sanitize(html, { ALLOWED_TAGS: tags, ALLOWED_ATTR: attributes, RETURN_DOM_FRAGMENT: true });
  for (const box of fragment.querySelectorAll('input')) box.setAttribute('aria-label', box.checked ? 'done' : 'not done');
  return fragment;
}
