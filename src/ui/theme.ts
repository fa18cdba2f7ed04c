/** Light or dark: the system's wish unless the reader chose. Canvas drawings ask here; everything else follows CSS. */

export type ThemeChoice = 'system' | 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');

/** What an element is drawn in: the nearest data-theme, else the system's. */
export function themeOf(element: Element): 'light' | 'dark' {
  const chosen = element.closest<HTMLElement>('[data-theme]')?.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return dark.matches ? 'dark' : 'light';
}

/** Sets the theme of the page; 'system' takes the choice back. */
export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
}

/** Calls back when the theme of the page may have changed; returns how to stop. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  dark.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    dark.removeEventListener('change', changed);
  };
}
