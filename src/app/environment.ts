/** What every open notebook shares: the store, the compute worker, the version of the code, the class of the device. */
import type { CellValue } from '../data/values.ts';
import { deviceClassOf } from '../gpu/device.ts';
import type { Environment } from '../notebook/session.ts';
import { openStore, type Store } from '../store/database.ts';
import { ComputeHost, type MeasurementMemory } from '../worker/host.ts';
import { hubInUse } from './hub.ts';

declare const __CODE__: string;

/** Version of the code and hash of its sources. */
export const code = __CODE__;

/** Address of the app's folder, ending in '/'. */
export const base = new URL('./', document.baseURI).href;

export interface AppEnvironment extends Environment {
  readonly store: Store;
  readonly host: ComputeHost<CellValue>;
}

/** Opens the store and prepares the worker, which starts with the first run. */
export async function openEnvironment(storeName?: string): Promise<AppEnvironment> {
  const [store, adapterClass] = await Promise.all([openStore(storeName), describeAdapter()]);
  const host = new ComputeHost<CellValue>(() => new Worker(new URL('../worker/compute.worker.ts', import.meta.url), { type: 'module', name: 'compute' }), base, measurementMemory, hubInUse);
  return {
    store, host, results: store.results, files: store.files, kept: store.kept, compute: host, code,
    // The worker knows best: after a loss it may have been given another device, or none.
    get deviceClass() {
      return host.deviceClass ?? adapterClass;
    },
  };
}

/** Measurements belong to the machine and the code, and are worth nothing elsewhere: local storage will do. */
const measurementMemory: MeasurementMemory = {
  read: () => {
    try {
      const kept = JSON.parse(localStorage.getItem('sensorium.measurements') ?? '{}') as { code?: string; measurements?: Record<string, unknown> };
      return kept.code === code ? (kept.measurements ?? {}) : {};
    } catch {
      // Unreadable or forbidden: the machine is measured again, which costs a second.
      return {};
    }
  },
  write: (measurements) => {
    try {
      localStorage.setItem('sensorium.measurements', JSON.stringify({ code, measurements }));
    } catch {
      // Not kept: the next visit measures again.
    }
  },
};

/** The class of device that float32 results depend on; asked for as the worker asks, so that both name one GPU. */
async function describeAdapter(): Promise<string> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  return deviceClassOf(adapter?.info);
}
