/** The browser takes the database away while it is open. */
import { expect, test } from 'vitest';
import { launch, openPage, profileFolder, servePage } from './harness.ts';

test('when the site data are cleared under an open notebook, nothing pretends to be saved', async () => {
  const server = await servePage();
  const profile = await profileFolder();
  const context = await launch(profile.path);
  try {
    const page = await openPage(context, server.address);
    await page.evaluate(async () => {
      const notebook = await (await window.api).open('cleared');
      notebook.edit('saved');
      await notebook.flush();
    });
    const session = await context.newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin: new URL(server.address).origin, storageTypes: 'indexeddb' });
    const seen = await page.evaluate(async () => {
      const { notebook } = await window.api;
      notebook?.edit('saved, and more');
      const failed = await notebook?.flush().then(() => false, () => true);
      return { failed, state: notebook?.state, text: notebook?.text, code: notebook?.problem?.code };
    });
    expect(seen).toEqual({ failed: true, state: 'failed', text: 'saved, and more', code: 'store-closed' });
  } finally {
    await context.close();
    await server.close();
    await profile.remove();
  }
});
