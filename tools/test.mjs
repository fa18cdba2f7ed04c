/**
 * `npm test`: installs what is missing (a browser too), then lint, types, build and every test. Ends with one line,
 * "N passed, N failed, N skipped", in which lint, types and build count as one test each.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePackages, ensureBuilt, root } from './ensure.mjs';

// Dates and locale must not depend on the machine.
process.env.TZ = 'UTC';
process.env.LANG = 'C.UTF-8';

ensurePackages();
const { findChromium } = await import('./chromium.mjs');
process.env.CHROME_PATH = await findChromium();
const only = process.argv.slice(2);

const total = { passed: 0, failed: 0, skipped: 0 };
function step(name, command, args) {
  console.log(`\n── ${name}`);
  const started = Date.now();
  const ok = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
  total[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}, ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

if (!existsSync(join(root, '../shared/README.md'))) {
  console.log('../shared is missing: tests that need the study’s data, reference values or test models are skipped.');
}
if (only.length === 0) {
  step('lint', 'npx', ['oxlint', '--deny-warnings', 'src', 'test', 'tools']);
  step('types', 'npx', ['tsc', '--noEmit']);
}
console.log('\n── build');
ensureBuilt();
total.passed += 1;

console.log('\n── tests');
const report = join(mkdtempSync(join(tmpdir(), 'sensorium-test-')), 'report.json');
spawnSync('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...only], {
  cwd: root, stdio: 'inherit', shell: process.platform === 'win32',
});
if (existsSync(report)) {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  total.passed += result.numPassedTests;
  total.failed += result.numFailedTests;
  total.skipped += result.numPendingTests + (result.numTodoTests ?? 0);
  // A file that fails to load has no tests to count, and an error outside any test fails the run.
  const brokenFiles = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')).length;
  total.failed += brokenFiles;
  if (!result.success && total.failed === 0) total.failed += 1;
  if (result.numTotalTests === 0) total.failed += 1;
} else {
  console.error('The test runner wrote no report.');
  total.failed += 1;
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
