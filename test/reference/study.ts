/** The study's cells (METHOD.md in ../shared/study), run as a notebook would: table, stimuli, ratings, then analyses. */
import { checkField, type Fields, type ParamsOf } from '../../src/kinds/field.ts';
import type { InputFile, Run, RunContext } from '../../src/kinds/kind.ts';
import type { CellValue, RepresentationValue, ValueOf, ValueType } from '../../src/data/values.ts';
import { type Compute, openCompute } from '../../src/gpu/compute.ts';
import { fields as ratingsFields } from '../../src/kinds/ratings/schema.ts';
import { run as runRatings } from '../../src/kinds/ratings/run.ts';
import { fields as stimuliFields } from '../../src/kinds/stimuli/schema.ts';
import { run as runStimuli } from '../../src/kinds/stimuli/run.ts';
import { fields as tableFields } from '../../src/kinds/table/schema.ts';
import { run as runTable } from '../../src/kinds/table/run.ts';
import { sharedBytes } from '../shared.ts';

/** Runs cells one after another and keeps their values, warnings and progress labels. */
export class Bench {
  readonly values = new Map<string, CellValue>();
  readonly files = new Map<string, InputFile>();
  readonly warnings: string[] = [];
  readonly labels = new Set<string>();
  #compute: Promise<Compute> | null = null;

  /** Runs a cell with the defaults of its fields for what is not given. */
  async run<F extends Fields, T extends ValueType>(
    cell: string, fields: F, run: Run<F, T>, given: Partial<Record<keyof F, unknown>>, signal: AbortSignal = new AbortController().signal,
  ): Promise<ValueOf<T>> {
    const value = await run(paramsOf(fields, given), this.context(cell, signal));
    this.values.set(cell, value);
    return value;
  }

  context(cell: string, signal: AbortSignal): RunContext {
    return {
      cell, inputs: this.values, files: this.files, base: '/', hub: '', signal,
      progress: ({ label }) => { this.labels.add(label); },
      ranOn: () => undefined,
      kept: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      resumedAt: () => undefined,
      warn: (message) => { this.warnings.push(message); },
      compute: () => (this.#compute ??= openCompute()),
    };
  }
}

export function paramsOf<F extends Fields>(fields: F, given: Partial<Record<keyof F, unknown>>): ParamsOf<F> {
  return Object.fromEntries(Object.entries(fields).map(([name, declared]) => {
    const checked = checkField(name, declared, given[name]);
    if (!checked.ok) throw new Error(checked.what);
    return [name, checked.value];
  })) as ParamsOf<F>;
}

/** A bench with one of the study's workbooks and its ratings cells: human, base, en_ft, nl_ft and, in English, qa_ft. */
export async function studyBench(language: 'en' | 'nl'): Promise<Bench> {
  const bench = new Bench();
  const file = language === 'en' ? 'En_all_models_results.xlsx' : 'Nl_all_models_results.xlsx';
  bench.files.set(file, { name: file, sha256: '', content: new Blob([await sharedBytes(`study/${file}`)]) });
  await bench.run('table', tableFields, runTable, { file, word: language === 'en' ? 'Word' : 'Woord' });
  await bench.run('words', stimuliFields, runStimuli, { norms: 'table', language, ratings: language === 'en' ? '*.mean' : '*' });
  await bench.run('human', ratingsFields, runRatings, { stimuli: 'words' });
  for (const [cell, columns] of Object.entries(columnsOf(language))) {
    await bench.run(cell, ratingsFields, runRatings, { stimuli: 'words', from: 'table', columns, origin: 'model' });
  }
  bench.warnings.length = 0;
  return bench;
}

function columnsOf(language: 'en' | 'nl'): Record<string, string> {
  const tuned = { base: '*_base', en_ft: '*_en_ft', nl_ft: '*_nl_ft' };
  return language === 'en' ? { ...tuned, qa_ft: '*_QA_ft' } : tuned;
}

export function put(bench: Bench, cells: Readonly<Record<string, RepresentationValue>>): void {
  for (const [cell, value] of Object.entries(cells)) bench.values.set(cell, value);
}
