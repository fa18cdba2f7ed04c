/** The loopback hub for tests that run in the browser: Vitest runs it beside them, in Node. */
import type { BrowserCommand } from 'vitest/node';
import type { HubFile } from './hub-models.ts';
import { startHub, type Fault, type Hub, type HubOrder, type HubRequest } from './hub-server.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Starts a hub and gives its address, by which the other commands name it; see test/hub-server.ts. */
    startHub(order: HubOrder): Promise<string>;
    hubCommit(address: string, id: string): Promise<string>;
    hubFault(address: string, path: string, fault: Fault | null): Promise<void>;
    hubChange(address: string, id: string, path: string, file: HubFile): Promise<void>;
    /** Requests since the start or the last call. */
    hubRequests(address: string): Promise<readonly HubRequest[]>;
    hubOnline(address: string, online: boolean): Promise<void>;
    stopHub(address: string): Promise<void>;
  }
}

const hubs = new Map<string, Hub>();

function known(address: string): Hub {
  const hub = hubs.get(address);
  if (!hub) throw new Error(`no hub runs at ${address}`);
  return hub;
}

const start: BrowserCommand<[order: HubOrder]> = async (_, order) => {
  const hub = await startHub(order);
  hubs.set(hub.address, hub);
  return hub.address;
};
const commit: BrowserCommand<[address: string, id: string]> = (_, address, id) => known(address).commit(id);
const fault: BrowserCommand<[address: string, path: string, fault: Fault | null]> = (_, address, path, what) => known(address).fault(path, what);
const change: BrowserCommand<[address: string, id: string, path: string, file: HubFile]> = (_, address, id, path, file) => known(address).change(id, path, file);
const requests: BrowserCommand<[address: string]> = (_, address) => {
  const hub = known(address);
  const seen = hub.requests.map((request) => ({ ...request }));
  hub.forgetRequests();
  return seen;
};
const online: BrowserCommand<[address: string, online: boolean]> = (_, address, is) => (is ? known(address).goOnline() : known(address).goOffline());
const stop: BrowserCommand<[address: string]> = async (_, address) => {
  await known(address).stop();
  hubs.delete(address);
};

export const hubCommands = { startHub: start, hubCommit: commit, hubFault: fault, hubChange: change, hubRequests: requests, hubOnline: online, stopHub: stop };
