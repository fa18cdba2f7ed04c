/** Every kernel, put together as the app does, type-checked by Dawn's compiler; needs no GPU. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { create } from 'webgpu';
import { kernelFiles, shaderCode, sharedFiles } from '../../src/gpu/shaders.ts';

let device: GPUDevice;

beforeAll(async () => {
  const adapter = await create(['backend=null']).requestAdapter();
  device = await adapter!.requestDevice();
});

afterAll(() => device.destroy());

/** What Dawn says against a text: "line: message". */
async function errorsIn(code: string): Promise<string[]> {
  device.pushErrorScope('validation');
  const info = await device.createShaderModule({ code }).getCompilationInfo();
  const error = await device.popErrorScope();
  const messages = info.messages.filter((m) => m.type === 'error').map((m) => `${m.lineNum}: ${m.message}`);
  return error && messages.length === 0 ? [error.message] : messages;
}

describe('WGSL', () => {
  test('the check sees every file of shaders/', () => {
    const onDisk = readdirSync('shaders', { recursive: true }).map(String).filter((path) => path.endsWith('.wgsl')).sort();
    expect(onDisk.length).toBeGreaterThan(0);
    expect([...kernelFiles, ...sharedFiles].sort()).toEqual(onDisk);
  });

  test.each(kernelFiles)('%s compiles without errors', async (file) => {
    const code = shaderCode(file);
    expect(code).not.toContain('//! include');
    expect(code).toContain('@compute');
    expect(await errorsIn(code)).toEqual([]);
  });

  test('every shared part is part of a kernel', () => {
    const text = kernelFiles.map(shaderCode).join('\n');
    expect(sharedFiles.filter((part) => !text.includes(shaderCode(part)))).toEqual([]);
  });

  test('a broken kernel is found: a wrong type, an unknown name, half a text', async () => {
    const mantel = shaderCode('mantel.wgsl');
    expect(await errorsIn(mantel.replace('var total0 = vec4f();', 'var total0 = vec4i();'))).not.toEqual([]);
    expect(await errorsIn(mantel.replace('chunk.slices) {', 'chunk.slides) {'))).not.toEqual([]);
    expect(await errorsIn(mantel.slice(0, -40))).not.toEqual([]);
  });

  test('a kernel that is not there is named', () => {
    expect(() => shaderCode('nothing.wgsl')).toThrow('nothing.wgsl');
  });
});
