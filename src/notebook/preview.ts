/**
 * What a notebook would do if it ran, read from its text alone: the models it loads, the hosts it contacts, the files
 * it wants. Shown before a foreign notebook is trusted.
 */
import { publicHub } from '../base/hub.ts';
import { fileNamed, type Field } from '../kinds/field.ts';
import type { WantedModel } from '../kinds/kind.ts';
import { parseHubAddress } from '../models/hub/address.ts';
import type { Graph, Node } from './graph.ts';

export interface PreviewModel extends WantedModel {
  readonly cell: string;
  /** A hub of its own that the text names, without a slash at the end; absent where the one that is set is meant. */
  readonly host?: string;
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

/** The public hub answers itself and sends large files from the second host. */
const publicHosts = ['huggingface.co', 'hf.co'];

/**
 * A parameter as checked, or as written where the cell has problems: a preview must not miss what is half right.
 * @param quick with Quick on, whatever the switch says now: it can be flipped later.
 */
function raw(node: Node, key: string, quick = false): unknown {
  const instead = quick ? node.cell.body.quick?.entries.find((entry) => entry.key === key)?.value : undefined;
  const changed = node.quick.find((mark) => mark.cell === node.cell.name && mark.parameter === key);
  const own = changed ? changed.full : node.params[key];
  return instead ?? own ?? node.cell.body.values[key] ?? node.kind?.fields[key]?.default ?? '';
}

function written(node: Node, key: string): string {
  const value = raw(node, key);
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** A value in the shape its field has, whatever is wrong with it. */
function shaped({ control }: Field, value: unknown): unknown {
  switch (control) {
    case 'list':
    case 'cells':
    case 'choices':
      return (Array.isArray(value) ? value : value === '' || value === null ? [] : [value]).map(String);
    case 'number':
      return Number(value);
    case 'toggle':
      return value === true;
    case 'text':
    case 'choice':
    case 'cell':
    case 'file':
      return Array.isArray(value) ? value.join(', ') : String(value ?? '');
    default:
      return control satisfies never;
  }
}

function hostOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).host || undefined : undefined;
}

/** The mirror that the address of a model names; null for the hub that is set, and for what names no model. */
function ownHost(id: string): string | null {
  try {
    return parseHubAddress(id).host;
  } catch {
    // What cannot be read is asked of nobody.
    return null;
  }
}

function modelsOf(node: Node, quick: boolean): readonly WantedModel[] {
  const params = Object.entries(node.kind?.fields ?? {}).map(([key, declared]) => [key, shaped(declared, raw(node, key, quick))]);
  return node.kind?.models?.(Object.fromEntries(params) as never) ?? [];
}

/**
 * Reads a notebook's graph; runs and fetches nothing.
 * @param hub address of the hub or of the mirror that stands in for it.
 */
export function previewOf(graph: Graph, hub: string = publicHub): Preview {
  const models: PreviewModel[] = [];
  const files: PreviewFile[] = [];
  const hosts = new Set<string>();
  for (const node of graph.nodes) {
    const { name } = node.cell;
    for (const model of [...modelsOf(node, false), ...modelsOf(node, true)]) {
      const { source, id, dtype, revision } = model;
      if (models.some((known) => known.cell === name && known.source === source && known.id === id && known.dtype === dtype && known.revision === revision)) continue;
      const own = source === 'hub' ? ownHost(id) : null;
      models.push({ cell: name, source, id, dtype, ...(revision === undefined ? {} : { revision }), ...(own === null ? {} : { host: own }) });
      if (source !== 'hub') continue;
      const from = own ?? hub;
      for (const host of from === publicHub ? publicHosts : [hostOf(from) ?? from]) hosts.add(host);
    }
    for (const [key, declared] of Object.entries(node.kind?.fields ?? {})) {
      if (declared.control !== 'file') continue;
      const file = written(node, key);
      // Nothing is wanted where a field may go without a file.
      if (declared.default !== undefined && fileNamed(declared, file) === null) continue;
      const address = written(node, declared.addressField);
      files.push({ cell: name, name: file, address });
      const host = hostOf(address);
      if (host) hosts.add(host);
    }
  }
  return { models, hosts: [...hosts], files };
}
