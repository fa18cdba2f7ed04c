/** What the attributes of a node say, and the module of the original program that it came from. */
import type { OnnxIndex, OnnxNode } from './index.ts';
import { readIntegers, readText, readVarint, visitFields, type WireField } from './wire.ts';

/** An attribute of a plain type; tensors and sub-graphs are left where they are. */
export type Attribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] };

export type Attributes = Readonly<Record<string, Attribute>>;

/** AttributeProto.AttributeType of the types read here. */
const kinds: Readonly<Record<number, Attribute['type']>> = { 1: 'float', 2: 'int', 3: 'text', 6: 'floats', 7: 'ints' };

/** The attributes of a node of the index, by name. */
export function readAttributes(index: OnnxIndex, node: OnnxNode): Attributes {
  const { bytes } = index;
  const attributes: Record<string, Attribute> = {};
  visitNode(bytes, node, (part) => {
    if (part.field !== 5) return;
    const found = readAttribute(bytes, part);
    if (found) attributes[found[0]] = found[1];
  });
  return attributes;
}

/**
 * The module whose program the node was traced from, as PyTorch's newer exporter notes it:
 * "encoder.layer.0.attention.self.query". '' where nothing is noted.
 */
export function readScope(index: OnnxIndex, node: OnnxNode): string {
  const { bytes } = index;
  let scope = '';
  visitNode(bytes, node, (part) => {
    if (part.field !== 9 || part.wire !== 2) return;
    let key = '';
    let value = '';
    visitFields(bytes, part.start, part.end, (entry) => {
      if (entry.field === 1) key = readText(bytes, entry);
      else if (entry.field === 2) value = readText(bytes, entry);
    });
    // ['', 'encoder', ..., 'encoder.layer.0.attention.self.query', 'linear']: the last one is the operation.
    if (key === 'pkg.torch.onnx.name_scopes') scope = [...value.matchAll(/'([^']*)'/g)].at(-2)?.[1] ?? '';
  });
  return scope;
}

function visitNode(bytes: Uint8Array, node: OnnxNode, visit: (field: WireField) => void): void {
  const [, afterTag] = readVarint(bytes, node.at);
  const [length, start] = readVarint(bytes, afterTag);
  visitFields(bytes, start, start + length, visit);
}

function readAttribute(bytes: Uint8Array, attribute: WireField): readonly [string, Attribute] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let name = '';
  let type: Attribute['type'] | undefined;
  let integer = 0;
  let float = 0;
  let text = '';
  const integers: number[] = [];
  const floats: number[] = [];
  visitFields(bytes, attribute.start, attribute.end, (part) => {
    if (part.field === 1) name = readText(bytes, part);
    else if (part.field === 2) float = view.getFloat32(part.start, true);
    else if (part.field === 3) integer = part.value;
    else if (part.field === 4) text = readText(bytes, part);
    else if (part.field === 7) for (let at = part.start; at < part.end; at += 4) floats.push(view.getFloat32(at, true));
    else if (part.field === 8) integers.push(...readIntegers(bytes, part));
    else if (part.field === 20) type = kinds[part.value];
  });
  switch (type) {
    case 'int': return [name, { type, value: integer }];
    case 'float': return [name, { type, value: float }];
    case 'text': return [name, { type, value: text }];
    case 'ints': return [name, { type, value: integers }];
    case 'floats': return [name, { type, value: floats }];
    case undefined: return null;
    default: throw new Error(`unknown type of attribute ${String(type satisfies never)}`);
  }
}
