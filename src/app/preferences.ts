/** What this browser remembers of the reader's choices besides notebooks. Private windows may refuse; nothing depends on it. */
import { chooseTheme, type ThemeChoice } from '../ui/theme.ts';

const keys = { theme: 'sensorium.theme', last: 'sensorium.last', hub: 'sensorium.hub', noGpuSeen: 'sensorium.no-webgpu.seen' } as const;

export function remembered(what: keyof typeof keys): string | null {
  try {
    return localStorage.getItem(keys[what]);
  } catch {
    return null;
  }
}

export function remember(what: keyof typeof keys, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(keys[what]);
    else localStorage.setItem(keys[what], value);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

export function themeChoice(): ThemeChoice {
  const theme = remembered('theme');
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function setTheme(choice: ThemeChoice): void {
  chooseTheme(choice);
  remember('theme', choice === 'system' ? null : choice);
}
