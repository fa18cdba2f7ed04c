/** The form made from a kind's fields. */
import { html, render } from 'lit';
import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { CellForm, ParamChange } from '../../src/app/form.ts';
import '../../src/app/form.ts';
import { field as declare, type Fields } from '../../src/kinds/field.ts';
import { kinds } from '../../src/kinds/index.ts';
import '../../src/ui/styles.ts';

const host = document.createElement('div');
document.body.append(host);
afterEach(() => { render('', host); });

async function form(kind: string, params: Readonly<Record<string, unknown>>, problems: Readonly<Record<string, string>> = {}): Promise<ParamChange[]> {
  const changes: ParamChange[] = [];
  render(html`<cell-form self="gap" .fields=${kinds.get(kind)!.fields} .params=${params} .problems=${problems} .cells=${{ representation: ['human', 'states', 'gap'], table: ['norms'] }}
    @param-change=${(event: CustomEvent<ParamChange>) => changes.push(event.detail)}></cell-form>`, host);
  const element = host.querySelector<CellForm>('cell-form')!;
  await element.updateComplete;
  await Promise.all([...element.querySelectorAll('chip-list')].map((list) => list.updateComplete));
  return changes;
}

const field = (name: string) => host.querySelector<HTMLElement>(`[data-field="${name}"]`)!;

test.each([...kinds.keys()])('the %s kind: every field has a label, its help and its default', async (name) => {
  await form(name, {});
  for (const [key, declared] of Object.entries(kinds.get(name)!.fields)) {
    expect(field(key).textContent).toContain(declared.label);
    expect(field(key).textContent).toContain(declared.help);
    expect(field(key).textContent).toContain(declared.default === undefined ? 'Required.' : 'Default:');
  }
});

test('editing a number emits one change with a number', async () => {
  const changes = await form('rsa', { permutations: 1000 });
  const input = field('permutations').querySelector('input')!;
  await userEvent.clear(input);
  await userEvent.type(input, '5000');
  await userEvent.tab();
  expect(changes).toEqual([{ name: 'permutations', value: 5000 }]);
});

test('a decimal comma is read as a number, other text is passed on as typed for the check to name', async () => {
  // A value that is written shows its group.
  const changes = await form('rsa', { level: 0.99 });
  const input = field('level').querySelector('input')!;
  await userEvent.fill(input, '0,9');
  await userEvent.tab();
  await userEvent.fill(input, 'most');
  await userEvent.tab();
  expect(changes).toEqual([{ name: 'level', value: 0.9 }, { name: 'level', value: 'most' }]);
});

test('choices emit the chosen options in the field’s order', async () => {
  const changes = await form('rsa', { sets: ['all'] });
  field('sets').querySelector<HTMLInputElement>('input')!.click();
  expect(changes).toEqual([{ name: 'sets', value: ['motor', 'all'] }]);
});

test('single dimensions fold behind the three sets while none of them is chosen', async () => {
  const changes = await form('rsa', { sets: ['all'] });
  const behind = () => field('sets').querySelector<HTMLDetailsElement>('.choices-behind')!;
  const outside = () => [...field('sets').querySelectorAll<HTMLInputElement>('input')].filter((input) => !behind().contains(input)).map((input) => input.value);
  expect([outside(), behind().open, behind().querySelectorAll('input').length]).toEqual([['motor', 'sensory', 'all'], false, 11]);
  await userEvent.click(behind().querySelector('summary')!);
  await userEvent.click([...behind().querySelectorAll('label')].find((label) => label.textContent === 'hand/arm')!);
  expect(changes).toEqual([{ name: 'sets', value: ['all', 'Hand_arm'] }]);
  render('', host);
  await form('rsa', { sets: ['all', 'Visual'] });
  expect([behind().open, behind().querySelector('summary')?.textContent]).toEqual([true, 'Single dimensions1 of 11 chosen']);
});

test('where nothing may be changed no control answers, and what explains a field still opens', async () => {
  const asked: string[] = [];
  render(html`<cell-form .locked=${true} .fields=${kinds.get('rsa')!.fields} .params=${{ permutations: 50 }} .cells=${{ representation: ['human'] }}
    @statistics-page=${(event: CustomEvent<string>) => asked.push(event.detail)}></cell-form>`, host);
  await host.querySelector<CellForm>('cell-form')!.updateComplete;
  await Promise.all([...host.querySelectorAll('chip-list')].map((list) => list.updateComplete));
  expect([...host.querySelectorAll('input, select, button:not(.field-about)')].filter((control) => !control.matches(':disabled'))).toEqual([]);
  await userEvent.click(field('permutations').querySelector('.field-about')!);
  expect(asked).toHaveLength(1);
});

test('an option written by another of its names is shown as chosen, and kept as the option', async () => {
  const changes = await form('rsa', { sets: ['smell', 'Motor'] });
  const boxes = () => [...field('sets').querySelectorAll<HTMLInputElement>('input')];
  expect(boxes().filter(({ checked }) => checked).map(({ value }) => value)).toEqual(['motor', 'Olfactory']);
  boxes().find(({ value }) => value === 'all')!.click();
  expect(changes).toEqual([{ name: 'sets', value: ['motor', 'all', 'Olfactory'] }]);
});

test('a switch, a row of options and a menu of cells each emit one change', async () => {
  const changes = await form('rsa', { reference: 'human' });
  [...field('differences').querySelectorAll<HTMLInputElement>('input')].find((input) => input.value === 'all')!.click();
  await userEvent.selectOptions(field('reference').querySelector('select')!, 'states');
  expect(changes).toEqual([{ name: 'differences', value: 'all' }, { name: 'reference', value: 'states' }]);
  const toggles = await form('activations', {});
  field('lowercase').querySelector<HTMLInputElement>('input')!.click();
  expect(toggles).toEqual([{ name: 'lowercase', value: false }]);
});

test('cells are offered by the type the field accepts, never the cell itself', async () => {
  const changes = await form('rsa', { candidates: ['states'] });
  const menu = field('candidates').querySelector('select')!;
  expect([...menu.options].map((option) => option.value)).toEqual(['', 'human']);
  await userEvent.selectOptions(menu, 'human');
  expect(changes).toEqual([{ name: 'candidates', value: ['states', 'human'] }]);
});

test('a reference that is not there is shown as it is written', async () => {
  await form('rsa', { reference: 'gone' });
  expect(field('reference').querySelector('select')?.selectedOptions[0]?.textContent).toBe('gone (not there)');
});

test('going back to the default emits undefined', async () => {
  const changes = await form('rsa', { bootstrap: 50 });
  field('bootstrap').querySelector<HTMLButtonElement>('.field-default')!.click();
  expect(changes).toEqual([{ name: 'bootstrap', value: undefined }]);
});

test('a problem stands beside its field and belongs to its control', async () => {
  await form('rsa', { permutations: -5 }, { permutations: 'permutations is -5, below 0' });
  const input = field('permutations').querySelector('input')!;
  expect(input.getAttribute('aria-invalid')).toBe('true');
  const described = input.getAttribute('aria-describedby')!.split(' ').map((id) => document.getElementById(id)?.textContent ?? '');
  expect(described.some((text) => text.includes('below 0'))).toBe(true);
  // Read out with the control every time: what leads to pages is no part of it.
  expect(described.join(' ')).not.toContain('About');
});

/** Fields of no kind, for what the form does with groups and pages. */
const made: Fields = {
  comparator: declare.choice(['tau-a', 'pearson'], { label: 'Comparator', help: 'How.', default: 'tau-a', page: { 'tau-a': 'comparators/tau-a', pearson: 'comparators/pearson' } }),
  shrinkage: declare.choice(['full', 'none'], { label: 'Shrinkage', help: 'How much.', default: 'full', group: 'Noise' }),
  folds: declare.number({ label: 'Folds', help: 'How many.', default: 5, min: 2, max: 9, group: 'Noise', page: 'dimensions/ridge-probe' }),
};

async function madeForm(params: Readonly<Record<string, unknown>>, problems: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const asked: string[] = [];
  render(html`<cell-form self="gap" .fields=${made} .params=${params} .problems=${problems} .cells=${{}}
    @statistics-page=${(event: CustomEvent<string>) => asked.push(event.detail)}></cell-form>`, host);
  await host.querySelector<CellForm>('cell-form')!.updateComplete;
  return asked;
}

const group = () => host.querySelector('details')!;

test('fields of a group fold away while they stand at their defaults', async () => {
  await madeForm({});
  expect([group().open, group().contains(field('folds')), group().contains(field('comparator'))]).toEqual([false, true, false]);
  expect(group().textContent).toContain('Noise');
  await madeForm({ folds: 3 });
  expect(group().open).toBe(true);
  expect(group().textContent).toContain('1 of 2 changed');
});

test('a group that the reader folded opens for a value that is wrong', async () => {
  await madeForm({ folds: 3 });
  await userEvent.click(group().querySelector('summary')!);
  await expect.poll(() => group().open).toBe(false);
  await madeForm({ folds: 30 }, { folds: 'folds is 30, above 9' });
  expect(group().open).toBe(true);
});

test('a field says where its statistic is explained: that of the chosen option', async () => {
  const asked = await madeForm({ comparator: 'pearson' });
  await userEvent.click(field('comparator').querySelector('.field-about')!);
  await userEvent.click(group().querySelector('summary')!);
  await userEvent.click(field('folds').querySelector('.field-about')!);
  expect(asked).toEqual(['comparators/pearson', 'dimensions/ridge-probe']);
  expect(field('comparator').textContent).toContain('About Pearson’s correlation');
});

test('an option without a page of its own offers those of the others', async () => {
  await form('rsa', { correction: 'none' });
  expect([...field('correction').querySelectorAll('.field-about')].map((link) => link.textContent)).toEqual(['About the maximum statistic', 'About Holm’s correction', 'About Benjamini and Hochberg’s correction']);
});
