/** Adapters as files and inside models: formats written and read back, what does not fit refused. */
import { describe, expect, test } from 'vitest';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { localFiles } from '../../src/models/files.ts';
import { widened } from '../../src/models/half.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { openSession } from '../../src/models/session.ts';
import type { Adapter, AdapterSite } from '../../src/tuning/adapter.ts';
import { halfBits } from '../../src/tuning/files/float16.ts';
import { mergeAdapters } from '../../src/tuning/files/merge.ts';
import { peftConfigFile, peftWeightsFile, readPeft, writePeft, type PeftFiles } from '../../src/tuning/files/peft.ts';
import { readSafetensors, writeSafetensors } from '../../src/tuning/files/safetensors.ts';
import { tinyOnnx, type TinyNode, type TinyWeight } from '../models/tiny-onnx.ts';
import { d, tinyTransformer, transformerConfig, transformerWeights } from '../models/tiny-transformer.ts';

const random = (size: number, seed: number, width = 1): Float32Array => {
  const stream = new PhiloxStream(seed);
  return Float32Array.from({ length: size }, () => width * (2 * stream.uniform() - 1));
};
const adapterOf = (site: AdapterSite, seed: number, rank = 2, scale = 1.5): Adapter => ({ site, rank, scale, a: random(site.inputs * rank, seed), b: random(rank * site.outputs, seed + 1) });
/** scale * A B as it is defined, inputs x outputs. */
const productOf = ({ site: { inputs, outputs }, rank, scale, a, b }: Adapter): Float64Array =>
  Float64Array.from({ length: inputs * outputs }, (_, at) => scale * Array.from({ length: rank }, (_, r) => a[Math.floor(at / outputs) * rank + r]! * b[r * outputs + (at % outputs)]!).reduce((sum, term) => sum + term, 0));

describe('safetensors', () => {
  const tensors = { 'layer.b': { dims: [2, 3], data: random(6, 1) }, a: { dims: [], data: Float32Array.of(7) }, none: { dims: [0, 4], data: new Float32Array(0) } };
  const bytes = writeSafetensors({ tensors, metadata: { format: 'pt' } });
  /** A file with the given header and bytes after it. */
  const made = (header: unknown, size: number): Uint8Array => {
    const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
    const whole = new Uint8Array(8 + text.length + size);
    new DataView(whole.buffer).setBigUint64(0, BigInt(text.length), true);
    whole.set(text, 8);
    return whole;
  };

  test('what is written is read back, at any offset of a buffer', () => {
    expect(readSafetensors(bytes, 'file')).toEqual({ tensors, metadata: { format: 'pt' } });
    const inside = new Uint8Array(bytes.length + 3);
    inside.set(bytes, 3);
    expect(readSafetensors(inside.subarray(3), 'file').tensors).toEqual(tensors);
  });

  test('the layout is that of the format: length, JSON padded to eight bytes, numbers in order without gaps', () => {
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
      __metadata__: { format: 'pt' },
      a: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
      'layer.b': { dtype: 'F32', shape: [2, 3], data_offsets: [4, 28] },
      none: { dtype: 'F32', shape: [0, 4], data_offsets: [28, 28] },
    });
    expect(bytes.length).toBe(8 + length + 28);
    expect(bytes.slice(8 + length, 12 + length)).toEqual(new Uint8Array(Float32Array.of(7).buffer));
  });

  test('names that objects treat specially are only names', () => {
    const odd = Object.fromEntries([['__proto__', { dims: [1], data: Float32Array.of(1) }], ['constructor', { dims: [1], data: Float32Array.of(2) }]]);
    const back = readSafetensors(writeSafetensors({ tensors: odd, metadata: {} }), 'file').tensors;
    expect(Object.keys(back).sort()).toEqual(['__proto__', 'constructor']);
    expect(Object.getOwnPropertyDescriptor(back, '__proto__')!.value).toEqual({ dims: [1], data: Float32Array.of(1) });
  });

  test('half precision is widened without a loss', () => {
    const file = made({ half: { dtype: 'F16', shape: [3], data_offsets: [0, 6] }, brain: { dtype: 'BF16', shape: [2], data_offsets: [6, 10] } }, 10);
    const view = new DataView(file.buffer, file.length - 10);
    // 1, -2.5 and the smallest above 0; 3 and -0.0078125.
    [0x3c00, 0xc100, 0x0001, 0x4040, 0xbc00].forEach((bits, at) => view.setUint16(2 * at, bits, true));
    const { tensors } = readSafetensors(file, 'file');
    expect([[...tensors['half']!.data], [...tensors['brain']!.data]]).toEqual([[1, -2.5, 2 ** -24], [3, -0.0078125]]);
  });

  test('files that are cut off, overlap, have gaps or other types are refused with the reason', () => {
    const entry = (from: number, to: number, dtype = 'F32') => ({ dtype, shape: [(to - from) / 4], data_offsets: [from, to] });
    const refused: [Uint8Array, RegExp][] = [
      [bytes.subarray(0, 5), /it has 5 bytes/],
      [bytes.subarray(0, bytes.length - 1), /should end at byte/],
      [made('{nonsense', 0), /its header is not JSON/],
      [made('[]', 0), /its header is not an object/],
      [Uint8Array.of(255, 255, 255, 255, 255, 0, 0, 0, 0), /its header should be 1099511627775 bytes long/],
      [made({ a: entry(0, 8), b: entry(4, 12) }, 12), /b begins at byte 4 of the numbers, not at 8/],
      [made({ a: entry(0, 4), b: entry(8, 12) }, 12), /b begins at byte 8 of the numbers, not at 4/],
      [made({ a: entry(0, 4) }, 8), /4 bytes at its end belong to no tensor/],
      [made({ a: { ...entry(0, 4), shape: [2] } }, 4), /a is 2 of F32, and its range holds 4 bytes/],
      [made({ a: { dtype: 'F32' } }, 4), /the entry of a lacks/],
      [made({ a: entry(0, 4, 'I32') }, 4), /tensor a: it is of type I32, not F32, F16 or BF16/],
      [made({ a: entry(0, 4, 'BF16') }, 4), /a is 1 of BF16, and its range holds 4 bytes/],
      [made({ __metadata__: { a: 1 } }, 0), /__metadata__ holds something other than text/],
      [made({ a: { dtype: 'F32', shape: [-1], data_offsets: [0, -4] } }, 0), /the entry of a lacks/],
    ];
    for (const [content, reason] of refused) expect(() => readSafetensors(content, 'file')).toThrow(reason);
    expect(() => writeSafetensors({ tensors: { a: { dims: [3], data: new Float32Array(2) } }, metadata: {} })).toThrow('a is 3 but has 2 numbers');
  });
});

describe('peft', () => {
  const site = (module: string, inputs = 4, outputs = 6): AdapterSite => ({ node: module, weight: `${module}.weight`, module, layer: 0, inputs, outputs });
  const sites = [site('bert.encoder.layer.0.attention.self.query'), site('bert.encoder.layer.0.attention.self.value'), site('bert.encoder.layer.10.attention.self.query'), site('bert.encoder.layer.0.output.dense', 6, 4)];
  const adapters = sites.slice(0, 3).map((at, i) => adapterOf(at, 10 * i));
  const files = writePeft(adapters, { base: 'some/model' });
  const configOf = (from: PeftFiles): Record<string, unknown> => JSON.parse(new TextDecoder().decode(from[peftConfigFile])) as Record<string, unknown>;
  const withConfig = (change: Record<string, unknown>): PeftFiles => ({ ...files, [peftConfigFile]: new TextEncoder().encode(JSON.stringify({ ...configOf(files), ...change })) });
  const byModule = (list: readonly Adapter[]): Map<string, Adapter> => new Map(list.map((adapter) => [adapter.site.module, adapter]));

  test('names, sizes and values are those of peft', () => {
    expect(configOf(files)).toMatchObject({ peft_type: 'LORA', task_type: null, r: 2, lora_alpha: 3, target_modules: sites.slice(0, 3).map(({ module }) => module), rank_pattern: {}, base_model_name_or_path: 'some/model', bias: 'none' });
    const { tensors, metadata } = readSafetensors(files[peftWeightsFile], 'file');
    expect(metadata).toEqual({ format: 'pt' });
    expect(Object.keys(tensors)).toHaveLength(6);
    const a = tensors['base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight']!;
    const b = tensors['base_model.model.bert.encoder.layer.0.attention.self.query.lora_B.weight']!;
    expect([a.dims, b.dims]).toEqual([[2, 4], [6, 2]]);
    // lora_A[r, i] = A[i, r] and lora_B[o, r] = B[r, o].
    expect(a.data[1 * 4 + 3]).toBe(adapters[0]!.a[3 * 2 + 1]);
    expect(b.data[5 * 2 + 1]).toBe(adapters[0]!.b[1 * 6 + 5]);
  });

  test('what is written is read back bit for bit', () => {
    const back = readPeft(files, sites);
    expect(byModule(back.adapters)).toEqual(byModule(adapters));
    expect(back).toMatchObject({ base: 'some/model', ignored: [] });
  });

  test('ranks and scales may differ between modules', () => {
    const mixed = [adapterOf(sites[0]!, 1), adapterOf(sites[1]!, 2, 3, 0.25), adapterOf(sites[2]!, 3), adapterOf(sites[3]!, 4, 1, 3)];
    const written = writePeft(mixed, { base: '' });
    // The last one has the common alpha of 3 with another rank.
    expect(configOf(written)).toMatchObject({
      r: 2, lora_alpha: 3,
      rank_pattern: { 'bert\\.encoder\\.layer\\.0\\.attention\\.self\\.value': 3, 'bert\\.encoder\\.layer\\.0\\.output\\.dense': 1 },
      alpha_pattern: { 'bert\\.encoder\\.layer\\.0\\.attention\\.self\\.value': 0.75 },
    });
    expect(byModule(readPeft(written, sites).adapters)).toEqual(byModule(mixed));
  });

  test('modules are written under the name that another class gives them, and found again', () => {
    const written = writePeft(adapters, { base: '', moduleName: ({ module }) => module.replace(/^bert\./, ''), taskType: 'FEATURE_EXTRACTION' });
    expect(configOf(written)['task_type']).toBe('FEATURE_EXTRACTION');
    expect((configOf(written)['target_modules'] as string[])[0]).toBe('encoder.layer.0.attention.self.query');
    expect(byModule(readPeft(written, sites).adapters)).toEqual(byModule(adapters));
    // Ours are shorter than the file's.
    const short = sites.map((at) => ({ ...at, module: at.module.replace(/^bert\./, '') }));
    expect(readPeft(files, short).adapters.map(({ site: { module } }) => module).sort()).toEqual(short.slice(0, 3).map(({ module }) => module).sort());
  });

  test('rsLoRA scales by the root of the rank', () => {
    expect(readPeft(withConfig({ use_rslora: true }), sites).adapters[0]!.scale).toBeCloseTo(3 / Math.SQRT2, 12);
  });

  test('a head that was trained besides is named and left out', () => {
    const { tensors, metadata } = readSafetensors(files[peftWeightsFile], 'file');
    const more = { ...files, [peftWeightsFile]: writeSafetensors({ tensors: { ...tensors, 'base_model.model.classifier.weight': { dims: [1], data: Float32Array.of(1) } }, metadata }) };
    expect(readPeft(more, sites)).toMatchObject({ ignored: ['base_model.model.classifier.weight'], adapters: { length: 3 } });
  });

  test('other kinds, other models and broken files are refused with the reason', () => {
    const weights = (tensors: Parameters<typeof writeSafetensors>[0]['tensors']): PeftFiles => ({ ...files, [peftWeightsFile]: writeSafetensors({ tensors, metadata: {} }) });
    const one = (name: string, dims: readonly number[]) => ({ [name]: { dims, data: new Float32Array(dims.reduce((x, y) => x * y, 1)) } });
    const key = 'base_model.model.bert.encoder.layer.0.attention.self.query';
    const refused: [PeftFiles, readonly AdapterSite[], RegExp][] = [
      [withConfig({ peft_type: 'IA3' }), sites, /peft_type is "IA3".*Only low-rank adapters/],
      [withConfig({ bias: 'all' }), sites, /bias is "all"/],
      [withConfig({ use_dora: true }), sites, /use_dora is true/],
      [withConfig({ r: 0 }), sites, /adapter_config.json: this is not an adapter of peft: r:/],
      [withConfig({ r: 4 }), sites, /it gives bert\.encoder\S+ rank 4, and its tensors have rank 2/],
      [withConfig({ alpha_pattern: { 'layer\\.\\d+': 3 } }), sites, /is not the name of a module/],
      [{ ...files, [peftConfigFile]: new TextEncoder().encode('x') }, sites, /it is not JSON/],
      [files, [site('model.layers.0.self_attn.q_proj')], /it tunes bert\.\S+, and this model has model\.layers\.0\.self_attn\.q_proj/],
      [files, sites.map((at) => ({ ...at, outputs: 8 })), /has 4 inputs and 6 outputs there, 4 inputs?.* in this model|4 and 8 in this model/],
      [weights({}), sites, /it holds no lora_A and lora_B/],
      [weights(one(`${key}.lora_A.weight`, [2, 4])), sites, /lora_A and lora_B of \S+ do not fit together/],
      [weights({ ...one(`${key}.lora_A.weight`, [2, 4]), ...one(`${key}.lora_B.weight`, [6, 3]) }), sites, /do not fit together/],
      [weights(one(`${key}.lora_magnitude_vector`, [4])), sites, /not part of a plain low-rank adapter/],
      [weights({ ...one('query.lora_A.weight', [2, 4]), ...one('query.lora_B.weight', [6, 2]) }), sites, /query could be bert\.encoder\.layer\.0\S+, bert\.encoder\.layer\.10/],
    ];
    for (const [content, at, reason] of refused) expect(() => readPeft(content, at)).toThrow(reason);
    expect(() => writePeft([], { base: '' })).toThrow('there are no adapters');
    expect(() => writePeft([adapters[0]!, adapters[0]!], { base: '' })).toThrow('two adapters are of one module');
  });
});

describe('rounding to half precision', () => {
  test('is that of Float16Array, over all sizes, ties and the edges', () => {
    const stream = new PhiloxStream(4);
    const values = [0, -0, 1, -1, 65_504, 65_519.99, 65_520, -65_520, 1e300, 2 ** -24, 2 ** -25, 2 ** -25 * 1.0001, 1.5 * 2 ** -24, 2 ** -14, 2 ** -14 - 2 ** -26, 2047 * 2 ** -25, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 - 2 ** -12, Infinity, -Infinity, NaN, 5e-324];
    for (let i = 0; i < 20_000; i++) values.push((2 * stream.uniform() - 1) * 2 ** (stream.below(44) - 26));
    const expected = new Uint16Array(new Float16Array(values).buffer);
    values.forEach((value, i) => expect(halfBits(value), String(value)).toBe(expected[i]));
  });

  test('all 65,536 numbers round to themselves', () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    widened(bits).forEach((value, i) => expect(Number.isNaN(value) ? 0x7e00 : halfBits(value)).toBe(Number.isNaN(value) ? 0x7e00 : bits[i]));
  });
});

describe('merging', () => {
  const site = (node: string, weight: string, inputs: number, outputs: number): AdapterSite => ({ node, weight, module: node, layer: 0, inputs, outputs });
  const sites = [site('0.q.out', '0.q', d, d), site('0.v.out', '0.v', d, d), site('1.up.out', '1.up', d, 2 * d), site('1.down.out', '1.down', 2 * d, d)];
  const adapters = sites.map((at, i) => adapterOf(at, 20 + 2 * i));

  /** The stored values of an initialiser. */
  const valuesOf = (bytes: Uint8Array<ArrayBuffer>, name: string): Float32Array => {
    const { data, dtype } = indexOnnx(bytes, 'tiny').initialisers.get(name)!;
    const content = bytes.slice(...data!).buffer;
    return widened(dtype === 10 ? new Uint16Array(content) : new Float32Array(content));
  };
  const statesOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<Float32Array[]> => {
    const files = localFiles('tiny', new Map([['config.json', new Blob([JSON.stringify(transformerConfig)])], ['onnx/model.onnx', new Blob([bytes])]]));
    const session = await openSession(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'wasm' });
    const states = await session.states({ batch: 1, tokens: 4, ids: [[2, 9, 17, 33]], padding: 0 });
    await session.dispose();
    return states;
  };

  test('float32 weights become W + scale A B, everything else keeps its bytes', () => {
    const index = indexOnnx(tinyTransformer({ weights: 'full', outputs: ['last_hidden_state'] }), 'tiny');
    const original = index.bytes.slice();
    const { bytes, weights } = mergeAdapters({ index, external: [] }, adapters);
    expect(index.bytes).toEqual(original);
    expect(bytes).toHaveLength(original.length);
    const expected = original.slice();
    adapters.forEach((adapter, i) => {
      const product = productOf(adapter);
      const sum = transformerWeights()[sites[i]!.weight]!.values.map((value, at) => value + product[at]!);
      expect(valuesOf(bytes, sites[i]!.weight)).toEqual(sum);
      expected.set(new Uint8Array(sum.buffer), index.initialisers.get(sites[i]!.weight)!.data![0]);
      expect(weights[i]).toMatchObject({ site: sites[i], stored: 'float32' });
      expect(weights[i]!.change).toBeCloseTo(Math.hypot(...product), 10);
      expect(weights[i]!.rounding).toBeLessThan(2 ** -22);
      expect(weights[i]!.lost).toBeLessThan(1e-7);
    });
    expect(bytes).toEqual(expected);
  });

  test('half-precision weights behind casts are rounded once, and how much that loses is told', () => {
    const index = indexOnnx(tinyTransformer({ weights: 'cast', outputs: ['last_hidden_state'] }), 'tiny');
    const { bytes, weights } = mergeAdapters({ index, external: [] }, adapters);
    adapters.forEach((adapter, i) => {
      const product = productOf(adapter);
      const before = valuesOf(index.bytes, `${sites[i]!.weight}.half`);
      const exact = Float64Array.from(before, (value, at) => value + product[at]!);
      const after = valuesOf(bytes, `${sites[i]!.weight}.half`);
      expect(after).toEqual(new Float32Array(new Float16Array(exact)));
      const errors = exact.map((value, at) => Math.abs(value - after[at]!));
      expect(weights[i]!.stored).toBe('float16');
      expect(weights[i]!.rounding).toBe(Math.max(...errors));
      expect(weights[i]!.rounding).toBeGreaterThan(0);
      expect(weights[i]!.lost).toBeCloseTo(Math.hypot(...errors) / Math.hypot(...product), 10);
    });
  });

  test('widened instead, they are those that the full sum gives, and the runtime computes with them', async () => {
    const index = indexOnnx(tinyTransformer({ weights: 'cast', outputs: ['last_hidden_state'] }), 'tiny');
    const full = indexOnnx(tinyTransformer({ weights: 'rounded', outputs: ['last_hidden_state'] }), 'tiny');
    const widened = mergeAdapters({ index, external: [] }, adapters, { half: 'widen' });
    const expected = mergeAdapters({ index: full, external: [] }, adapters);
    adapters.forEach((adapter, i) => {
      expect(valuesOf(widened.bytes, adapter.site.weight)).toEqual(valuesOf(expected.bytes, adapter.site.weight));
      expect(widened.weights[i]).toEqual(expected.weights[i]);
    });
    // Each initialiser has a name of its own, and no node makes a tensor that is one.
    const after = indexOnnx(widened.bytes, 'tiny');
    expect(after.initialisers.size).toBe(index.initialisers.size + adapters.length);
    expect(after.nodes.flatMap(({ outputs }) => outputs).filter((name) => after.initialisers.has(name))).toEqual([]);
    expect(widened.bytes.length).toBeLessThan(index.bytes.length + 4 * (2 * d * d + 4 * d * d) + 300);
    expect(await statesOf(widened.bytes)).toEqual(await statesOf(expected.bytes));
    // In full precision already: nothing to widen.
    expect(mergeAdapters({ index: full, external: [] }, adapters, { half: 'widen' }).bytes).toEqual(expected.bytes);
  });

  test('a change below half precision is lost, and the report says so', () => {
    const index = indexOnnx(tinyTransformer({ weights: 'cast', outputs: ['last_hidden_state'] }), 'tiny');
    const faint = { ...adapters[0]!, scale: 1e-6 };
    const [weight] = mergeAdapters({ index, external: [] }, [faint]).weights;
    expect(weight!.lost).toBeGreaterThan(0.9);
    expect(mergeAdapters({ index: indexOnnx(tinyTransformer({ weights: 'full', outputs: ['last_hidden_state'] }), 'tiny'), external: [] }, [faint]).weights[0]!.lost).toBeLessThan(0.1);
  });

  test('the runtime computes with the merged weights; an adapter that is zero changes no bit', async () => {
    const file = tinyTransformer({ weights: 'full', outputs: ['last_hidden_state'] });
    const index = indexOnnx(file, 'tiny');
    const base = await statesOf(file);
    const merged = await statesOf(mergeAdapters({ index, external: [] }, adapters).bytes);
    expect(Math.max(...merged[2]!.map((value, at) => Math.abs(value - base[2]![at]!)))).toBeGreaterThan(0.1);
    const zero = adapters.map((adapter) => ({ ...adapter, b: adapter.b.map(() => 0) }));
    expect(mergeAdapters({ index, external: [] }, zero).bytes).toEqual(file);
  });

  /** x (b x s x 2, a look-up) through one product with a weight of 2 x 3. */
  const product = (nodes: readonly TinyNode[], initialisers: Record<string, TinyWeight>) => indexOnnx(tinyOnnx({
    nodes: [{ op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['x'] }, ...nodes],
    initialisers: { table: { dims: [4, 2], values: random(8, 5) }, ...initialisers },
    inputs: ['input_ids'], output: 'y',
  }), 'tiny');
  const one = site('y', 'w', 2, 3);
  const change = adapterOf(one, 3);
  const turnedProduct = (): Float64Array => {
    const straight = productOf(change);
    return Float64Array.from({ length: 6 }, (_, at) => straight[(at % 2) * 3 + Math.floor(at / 2)]!);
  };

  test('a weight that is transposed on its way, or by the product, is changed where it lies', () => {
    const stored = random(6, 9);
    const expected = stored.map((value, at) => value + turnedProduct()[at]!);
    const transposed = product([{ op: 'Transpose', inputs: ['w stored'], outputs: ['w'], attributes: { perm: [1, 0] } }, { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }], { 'w stored': { dims: [3, 2], values: stored } });
    expect(valuesOf(mergeAdapters({ index: transposed, external: [] }, [change]).bytes, 'w stored')).toEqual(expected);
    const gemm = product([{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: 1 } }], { w: { dims: [3, 2], values: stored } });
    expect(valuesOf(mergeAdapters({ index: gemm, external: [] }, [change]).bytes, 'w')).toEqual(expected);
    const half = product([
      { op: 'Cast', inputs: ['w half'], outputs: ['w full'], attributes: { to: 1 } },
      { op: 'Transpose', inputs: ['w full'], outputs: ['w turned'], attributes: { perm: [1, 0] } },
      { op: 'Transpose', inputs: ['w turned'], outputs: ['w'], attributes: { perm: [0, 1] } },
      { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] },
    ], { 'w half': { dims: [3, 2], values: new Float16Array(stored) } });
    const rounded = new Float32Array(new Float16Array(Array.from(new Float16Array(stored), (value, at) => value + turnedProduct()[at]!)));
    expect(valuesOf(mergeAdapters({ index: half, external: [] }, [change]).bytes, 'w half')).toEqual(rounded);
  });

  test('where several products share a weight, it is changed once for all of them', () => {
    const stored = random(6, 9);
    const shared = product([{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }, { op: 'MatMul', inputs: ['x', 'w'], outputs: ['again'] }], { w: { dims: [2, 3], values: stored } });
    const straight = productOf(change);
    expect(valuesOf(mergeAdapters({ index: shared, external: [] }, [change]).bytes, 'w')).toEqual(stored.map((value, at) => value + straight[at]!));
  });

  test('what cannot be merged is refused with the reason', () => {
    const w = { w: { dims: [2, 3], values: random(6, 9) } };
    const plain: TinyNode = { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] };
    const attempt = (nodes: readonly TinyNode[], initialisers: Record<string, TinyWeight>, adapter: Adapter = change) => () => mergeAdapters({ index: product(nodes, initialisers), external: [] }, [adapter]);
    expect(attempt([plain], w)).not.toThrow();
    expect(attempt([plain, { op: 'Add', inputs: ['x', 'w'], outputs: ['again'] }], w)).toThrow(/weight w: besides y it is read by Add again/);
    const halved = { 'w half': { dims: [2, 3], values: new Float16Array(6) } };
    const cast = (output: string): TinyNode => ({ op: 'Cast', inputs: ['w half'], outputs: [output], attributes: { to: 1 } });
    expect(attempt([cast('w'), plain, cast('v'), { ...plain, inputs: ['x', 'v'], outputs: ['again'] }], halved)).toThrow(/besides y it is read by Cast v/);
    expect(attempt([{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transA: 1 } }], w)).toThrow(/the product y also turns or scales/);
    expect(attempt([{ op: 'Add', inputs: ['w stored', 'w stored'], outputs: ['w'] }, plain], { 'w stored': w.w })).toThrow(/it comes from Add, not from a stored matrix/);
    expect(attempt([plain], {})).toThrow(/it is not stored in the file/);
    expect(attempt([plain], { w: { dims: [3, 2], values: w.w.values } })).toThrow(/w is 3 x 2, not 2 x 3/);
    expect(attempt([{ ...plain, inputs: ['w', 'x'] }], w)).toThrow(/it is not what the product y \(MatMul\) multiplies by/);
    expect(attempt([{ ...plain, outputs: ['other'] }], w)).toThrow(/the graph has no node y/);
    expect(attempt([plain], { w: { dims: [2, 3], values: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n) } })).toThrow(/w is stored as type 7 of ONNX/);
    expect(attempt([plain], { w: { dims: [2, 3], values: new Float16Array(6) } }, { ...change, scale: 1e6 })).toThrow(/more than float16 holds/);
    const index = product([plain], w);
    expect(() => mergeAdapters({ index, external: [] }, [change, change])).toThrow('two adapters are for the weight w');
  });
});
