/**
 * npm run agreement: runs the comparisons with ../shared and writes docs/statistics/reference.md, one row per file and
 * statistic with the largest error found.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const out = 'docs/statistics/reference.md';
const record = join(mkdtempSync(join(tmpdir(), 'agreement-')), 'found.jsonl');
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'browser', 'test/reference', ...process.argv.slice(2)], {
  stdio: 'inherit', env: { ...process.env, SENSORIUM_AGREEMENT: record },
});
if (status !== 0 || !existsSync(record)) {
  console.error(`the comparisons did not pass; ${out} is unchanged`);
  process.exit(1);
}

/** Rows that compare several cases of one statistic become one. */
const rows = new Map();
for (const line of readFileSync(record, 'utf8').trim().split('\n')) {
  const { file, statistic, values, error, within, because } = JSON.parse(line);
  const key = `${file}\n${statistic}`;
  const before = rows.get(key) ?? { file, statistic, values: 0, error: 0, within: 0, because: '' };
  rows.set(key, {
    file, statistic, values: before.values + values, error: Math.max(before.error, error),
    within: Math.max(before.within, within), because: because || before.because,
  });
}
const size = (value) => (value === 0 ? '0' : value.toExponential(1));
const table = [...rows.values()]
  .sort((a, b) => a.file.localeCompare(b.file) || a.statistic.localeCompare(b.statistic))
  .map(({ file, statistic, values, error, within, because }) => `| ${file} | ${statistic} | ${values} | ${size(error)} | ${size(within)}${because ? ` (${because})` : ''} |`);

const [head = '', tail = ''] = existsSync(out) ? readFileSync(out, 'utf8').split(/^\| file \|[\s\S]*?\n(?!\|)/m) : [];
const intro = head || '# Agreement with the reference values\n\n';
writeFileSync(out, `${intro}| file | statistic | values | largest error | bound |\n| --- | --- | ---: | ---: | --- |\n${table.join('\n')}\n${tail ? `\n${tail.trimStart()}` : ''}`);
console.log(`${rows.size} rows written to ${out}`);
