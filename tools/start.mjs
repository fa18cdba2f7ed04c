/** `npm start`: installs what is missing, builds if needed, serves the app on this machine and prints its address. */
import { ensureBuilt, ensurePackages } from './ensure.mjs';

ensurePackages();
ensureBuilt();
const { serve } = await import('./serve.mjs');
const wanted = Number(process.env.PORT ?? 4173);
const { address } = await serve(wanted);
console.log(`\n  Sensorium is ready: ${address}\n  It needs no network. Stop it with Ctrl+C.\n`);
