/**
 * What a notebook would do if it ran, read from its text alone: the models it loads, the hosts it contacts, the files
 * it wants. Shown before a foreign notebook is trusted.
 */
import type { Graph, Node } from './graph.ts';

export interface PreviewModel {
  readonly cell: string;
  readonly id: string;
  readonly source: 'bundled' | 'hub' | 'local';
  readonly dtype: string;
}

export interface PreviewFile {
  readonly cell: string;
  readonly name: string;
  /** Where it could be fetched from, '' when the notebook does not say. */
  readonly address: string;
}

export interface Preview {
  readonly models: readonly PreviewModel[];
  /** Hosts that a run may contact, without repeats, in page order. */
  readonly hosts: readonly string[];
  readonly files: readonly PreviewFile[];
}

/** The hub answers itself and sends large files from the second host. */
const hubHosts = ['huggingface.co', 'hf.co'];

/**
 * A parameter as checked, or as written where the cell has problems: a preview must not miss what is half right.
 * @param quick with Quick on, whatever the switch says now: it can be flipped later.
 */
function written(node: Node, key: string, quick = false): string {
  const instead = quick ? node.cell.body.quick?.entries.find((entry) => entry.key === key)?.value : undefined;
  const changed = node.quick.find((mark) => mark.cell === node.cell.name && mark.parameter === key);
  const own = changed ? changed.full : node.params[key];
  const value = instead ?? own ?? node.cell.body.values[key] ?? node.kind?.fields[key]?.default ?? '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function hostOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).host || undefined : undefined;
}

function modelOf(node: Node, quick: boolean): PreviewModel {
  const source = written(node, 'source', quick);
  return { cell: node.cell.name, id: written(node, 'id', quick), source: source === 'hub' || source === 'local' ? source : 'bundled', dtype: written(node, 'dtype', quick) };
}

/** Reads a notebook's graph; runs and fetches nothing. */
export function previewOf(graph: Graph): Preview {
  const models: PreviewModel[] = [];
  const files: PreviewFile[] = [];
  const hosts = new Set<string>();
  for (const node of graph.nodes) {
    const { name } = node.cell;
    if (node.kind?.name === 'model') {
      const [full, quick] = [modelOf(node, false), modelOf(node, true)];
      const loaded = (['id', 'source', 'dtype'] as const).every((key) => full[key] === quick[key]) ? [full] : [full, quick];
      models.push(...loaded);
      if (loaded.some(({ source }) => source === 'hub')) for (const host of hubHosts) hosts.add(host);
    }
    for (const [key, declared] of Object.entries(node.kind?.fields ?? {})) {
      if (declared.control !== 'file') continue;
      const address = written(node, declared.addressField);
      files.push({ cell: name, name: written(node, key), address });
      const host = hostOf(address);
      if (host) hosts.add(host);
    }
  }
  return { models, hosts: [...hosts], files };
}
