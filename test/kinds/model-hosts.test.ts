/** A model of a mirror: which files its name stands for, and what is said where the mirror is gone and another hub is set. */
import { commands } from 'vitest/browser';
import { expect, test } from 'vitest';
import type { ModelValue } from '../../src/data/values.ts';
import { openModelFiles } from '../../src/kinds/model/files.ts';
import { run } from '../../src/kinds/model/run.ts';
import { fields } from '../../src/kinds/model/schema.ts';
import { hubCacheName } from '../../src/models/files.ts';
import { readModel } from '../../src/models/graph.ts';
import { identityOf } from '../../src/notebook/execute.ts';
import { contextOf, paramsOf } from './context.ts';

const files = (model: string) => Object.fromEntries(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'].map((path) => [path, `public/models/${model}/${path}`]));
const look = (hub: string): Promise<ModelValue> => run(paramsOf(fields, { source: 'hub', id: 'lab/one' }), { ...contextOf('model'), hub });

test('mirrors that name no commit: the same main with another graph is another model in keys, and is refused in place of the first', async () => {
  const hosts = await Promise.all(['sensorium-mini', 'sensorium-mini-causal', 'sensorium-mini-causal'].map((model) => commands.startHub({ models: { 'lab/one': { files: files(model) } }, commits: false, api: false })));
  try {
    const [other, first, second] = await Promise.all(hosts.map(look)) as [ModelValue, ModelValue, ModelValue];
    expect([other.revision, first.revision, second.revision]).toEqual(['main', 'main', 'main']);
    const bytes = await (await fetch(`${hosts[1]}/lab/one/resolve/main/onnx/model.onnx`)).arrayBuffer();
    expect(first.content).toBe(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toHex());
    expect(identityOf('key', second)).toBe(identityOf('key', first));
    expect(identityOf('key', other)).not.toBe(identityOf('key', first));
    expect(identityOf('key', null)).toBe('key');

    const context = { ...contextOf('activations'), hub: hosts[1]! };
    expect((await readModel(first, openModelFiles(first, context), {})).onnx.path).toBe('onnx/model.onnx');
    // The mirror's main has moved since.
    await commands.hubChange(hosts[1]!, 'lab/one', 'onnx/model.onnx', 'public/models/sensorium-mini/onnx/model.onnx');
    await expect(readModel(first, openModelFiles(first, context), {})).rejects.toMatchObject({ code: 'model-changed', record: { what: expect.stringContaining(`not ${first.content!.slice(0, 12)}`) } });

    // The mirror is gone, and another is set.
    await commands.hubFault(hosts[2]!, 'lab/one/config.json', { status: 418 });
    const set = { ...context, hub: 'http://other.example' };
    const failure = expect.objectContaining({ code: 'download-failed', fix: expect.stringMatching(new RegExp(`found it at ${new URL(hosts[2]!).host}, and the hub that is set now is other\\.example: run the model cell again`)) });
    await expect(openModelFiles(second, set).read('config.json')).rejects.toMatchObject({ record: failure });
    // Where it is the one that is set, there is nothing else to try.
    await expect(openModelFiles(second, { ...set, hub: hosts[2]! }).read('config.json')).rejects.toMatchObject({ record: { code: 'download-failed', fix: expect.not.stringContaining('run the model cell again') } });
  } finally {
    await Promise.all([...hosts.map((host) => commands.stopHub(host)), caches.delete(hubCacheName)]);
  }
});
