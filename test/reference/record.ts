/** Writes what agree.ts found where `npm run agreement` asks for it; otherwise nothing is kept. */
import { appendFileSync } from 'node:fs';
import type { BrowserCommand } from 'vitest/node';

export interface Agreement {
  readonly file: string;
  readonly statistic: string;
  readonly values: number;
  readonly error: number;
  readonly within: number;
  readonly because: string;
}

declare module 'vitest/browser' {
  interface BrowserCommands {
    recordAgreement(found: Agreement): Promise<void>;
  }
}

export const recordAgreement: BrowserCommand<[found: Agreement]> = (_, found) => {
  const path = process.env['SENSORIUM_AGREEMENT'];
  if (path) appendFileSync(path, `${JSON.stringify(found)}\n`);
};
