/** docs/layers.md, read and on request written by Node beside a browser test: `SENSORIUM_LAYERS=write`. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { BrowserCommand } from 'vitest/node';
import { withTables } from './tables.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Puts the tables into docs/layers.md if asked for, and gives the page as it is then. */
    layersPage(tables: string): Promise<string>;
  }
}

export const layersPage: BrowserCommand<[tables: string]> = (_, tables) => {
  const path = 'docs/layers.md';
  if (process.env['SENSORIUM_LAYERS'] === 'write') writeFileSync(path, withTables(readFileSync(path, 'utf8'), tables));
  return readFileSync(path, 'utf8');
};
