/** Makes sure that what a command needs is there: the packages, the built app. Uses Node alone until they are. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder; commands work from anywhere. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command with its output shown; ends the process with its status when it fails. */
export function must(command, args, why, env = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32', env: { ...process.env, ...env } });
  if (result.status === 0) return;
  console.error(`${why} failed: ${command} ${args.join(' ')}${result.error ? ` (${result.error.message})` : ''}`);
  process.exit(result.status ?? 1);
}

/** Installs the packages when they are missing or older than the lock file. */
export function ensurePackages() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node ${process.versions.node} is too old: Sensorium needs 20.19 or newer.`);
    process.exit(1);
  }
  const installed = join(root, 'node_modules/.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  // Git writes files in any order, so a newer time alone is no reason to install again.
  if (existsSync(installed) && samePackages(installed, lock)) return;
  console.error('Installing packages …');
  must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Installing packages');
}

function samePackages(installed, lock) {
  const versions = (file) => {
    const { packages } = JSON.parse(readFileSync(file, 'utf8'));
    return new Map(Object.entries(packages).filter(([path]) => path.startsWith('node_modules/')).map(([path, entry]) => [path, entry.version]));
  };
  const have = versions(installed);
  const want = JSON.parse(readFileSync(lock, 'utf8')).packages;
  // Optional packages of other platforms are in the lock file and rightly not installed.
  return [...versions(lock)].every(([path, version]) => have.get(path) === version || want[path].optional === true);
}

const sources = ['src', 'shaders', 'public', 'notebooks', 'index.html', 'vite.config.ts', 'package-lock.json'];

function newest(path) {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), info.mtimeMs);
}

/** Builds the app when there is no build or a source is newer than it. */
export function ensureBuilt() {
  const stamp = join(root, 'dist/.built');
  const latest = Math.max(...sources.filter((source) => existsSync(join(root, source))).map((source) => newest(join(root, source))));
  if (existsSync(stamp) && Number(readFileSync(stamp, 'utf8')) >= latest) return;
  console.error('Building …');
  // A test runner sets NODE_ENV to test, which would build the app with its development checks in.
  must('npx', ['vite', 'build', '--logLevel', 'warn'], 'Building', { NODE_ENV: 'production' });
  writeFileSync(stamp, String(latest));
}
