/** The preview of a notebook from outside: what one hub told is not shown as another's. */
import { commands } from 'vitest/browser';
import { expect, test } from 'vitest';
import '../../src/app/foreign-banner.ts';
import { setHub, useHub } from '../../src/app/hub.ts';
import { parseNotebook } from '../../src/notebook/document.ts';
import { buildGraph } from '../../src/notebook/graph.ts';

const cells = ['one', 'two'].map((name) => `\`\`\`cell model ${name}\nsource: hub\nid: lab/${name}\n\`\`\`\n`).join('\n');

test('a hub that is changed while it is asked ends the asking, and nothing of the first is shown', async () => {
  const model = (size: number) => ({ files: { 'config.json': { text: '{}' }, 'onnx/model.onnx': { random: size } } });
  const first = await commands.startHub({ models: { 'lab/one': model(3000), 'lab/two': model(3000) } });
  const second = await commands.startHub({ models: { 'lab/one': model(5000), 'lab/two': model(5000) } });
  const banner = document.createElement('foreign-banner');
  try {
    useHub(first);
    await commands.hubFault(first, 'api/models/lab/two', { delay: 3000 });
    document.body.append(Object.assign(banner, { bench: { canEdit: false }, graph: buildGraph(parseNotebook(`---\nsensorium: 1\n---\n${cells}`)) }));
    const ask = (): HTMLButtonElement | null => [...banner.querySelectorAll('button')].find(({ textContent }) => textContent.includes('Ask the hub')) ?? null;
    await expect.poll(ask).not.toBeNull();
    ask()!.click();
    await expect.poll(() => banner.textContent).toContain('3.0 kB in all, for 1 of 2.');
    useHub(second);
    await expect.poll(ask).not.toBeNull();
    expect(banner.textContent).not.toContain('3.0 kB');
    expect(await commands.hubRequests(second)).toEqual([]);
    ask()!.click();
    await expect.poll(() => banner.textContent).toMatch(/10(?:\.0)? kB in all\./);
    expect(banner.textContent).not.toContain('3.0 kB');
  } finally {
    banner.remove();
    setHub(null);
    await Promise.all([commands.stopHub(first), commands.stopHub(second)]);
  }
});
