/** Controls by keyboard and by click. */
import { html, render } from 'lit';
import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import '../../src/ui/chips.ts';
import { dataTable, type DataTable } from '../../src/ui/data-table.ts';
import '../../src/ui/menu.ts';
import '../../src/ui/styles.ts';
import { toast } from '../../src/ui/toast.ts';

const host = document.createElement('div');
document.body.append(host);
afterEach(() => { render('', host); });

const cells = (column: number) => [...host.querySelectorAll('tbody tr')].map((row) => row.children[column]?.textContent?.trim());

async function table(rows: readonly { word: string; rho: number }[]): Promise<DataTable> {
  render(dataTable('words', [{ label: 'word', value: (row) => row.word }, { label: 'rho', value: (row) => row.rho, numeric: true }], rows), host);
  const element = host.querySelector<DataTable>('data-table')!;
  await element.updateComplete;
  return element;
}

test('a table sorts numbers from the largest, then the other way, then as the source has them; missing values stay last', async () => {
  const element = await table([{ word: 'b', rho: 0.2 }, { word: 'c', rho: Number.NaN }, { word: 'a', rho: 0.9 }]);
  const header = host.querySelectorAll<HTMLButtonElement>('.sort')[1]!;
  header.click();
  await element.updateComplete;
  expect(cells(0)).toEqual(['a', 'b', 'c']);
  expect(host.querySelectorAll('th')[1]?.getAttribute('aria-sort')).toBe('descending');
  header.click();
  await element.updateComplete;
  expect(cells(0)).toEqual(['b', 'a', 'c']);
  header.click();
  await element.updateComplete;
  expect(cells(0)).toEqual(['b', 'c', 'a']);
});

test('a long table shows its first rows and the rest when asked', async () => {
  const element = await table(Array.from({ length: 120 }, (_, at) => ({ word: `w${at}`, rho: at })));
  expect(cells(0)).toHaveLength(50);
  host.querySelector<HTMLButtonElement>('.table-more')!.click();
  await element.updateComplete;
  expect(cells(0)).toHaveLength(120);
});

test('a chip list adds on Enter, ignores repeats and takes back with Backspace', async () => {
  const lists: (readonly string[])[] = [];
  render(html`<chip-list label="Layers" .values=${['all']} @change=${(event: CustomEvent<readonly string[]>) => lists.push(event.detail)}></chip-list>`, host);
  await host.querySelector('chip-list')!.updateComplete;
  const input = host.querySelector<HTMLInputElement>('input')!;
  input.focus();
  await userEvent.keyboard('3{Enter}all{Enter}{Backspace}');
  expect(lists).toEqual([['all', '3'], ['all']]);
});

test('a menu opens with the arrow keys, chooses with Enter and gives focus back', async () => {
  const chosen: string[] = [];
  render(html`<menu-button label="Add" .items=${['one', 'two'].map((label) => ({ label, onChoose: () => chosen.push(label) }))}></menu-button>`, host);
  await host.querySelector('menu-button')!.updateComplete;
  const button = host.querySelector<HTMLButtonElement>('button')!;
  button.focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
  expect(chosen).toEqual(['two']);
  await host.querySelector('menu-button')!.updateComplete;
  expect(document.activeElement).toBe(button);
  await userEvent.keyboard('{ArrowUp}');
  expect(document.activeElement?.textContent).toContain('two');
  await userEvent.keyboard('{Escape}');
  expect(host.querySelector('[role=menu]')).toBeNull();
});

test('a toast is read out politely and can be dismissed', async () => {
  toast({ text: 'Saved.' });
  const stack = document.querySelector('toast-stack')!;
  await stack.updateComplete;
  expect(stack.querySelector('[aria-live=polite]')?.textContent).toContain('Saved.');
  stack.querySelector<HTMLButtonElement>('button')!.click();
  await stack.updateComplete;
  expect(stack.textContent).not.toContain('Saved.');
  stack.remove();
});
