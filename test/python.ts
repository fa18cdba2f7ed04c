/**
 * Python for comparisons that need PyTorch and peft: a tool of the tests, never of the app. SENSORIUM_PYTHON names it;
 * without it, or without the packages, the tests that ask it live are skipped. They take minutes of processor time.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const packages = ['torch', 'transformers', 'peft', 'onnx', 'onnxruntime'];
const root = resolve(import.meta.dirname, '..');

/** Said where tests are skipped. */
export const withoutPython = `skipped: SENSORIUM_PYTHON names no Python with ${packages.join(', ')}`;

let found: string | null | undefined;

/** The Python that SENSORIUM_PYTHON names, if it has the packages; otherwise null. */
export function findPython(): string | null {
  const check = `import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ${JSON.stringify(packages)})))`;
  if (found !== undefined) return found;
  const named = process.env['SENSORIUM_PYTHON'];
  found = named && spawnSync(named, ['-c', check], { stdio: 'ignore' }).status === 0 ? named : null;
  return found;
}

/** Runs a script of tools/; gives what it printed. Rejects with what it complained of. */
async function runPython(script: string, args: readonly string[], folder: string, input = ''): Promise<string> {
  const python = findPython();
  if (!python) throw new Error(withoutPython);
  const child = spawn(python, [join(root, 'tools', script), ...args], { cwd: folder, env: { ...process.env, HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: '1' } });
  const printed: Buffer[] = [];
  const complained: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complained.push(chunk));
  child.stdin.end(input);
  const code = await new Promise<number | null>((ended, failed) => void child.on('close', ended).on('error', failed));
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${Buffer.concat(complained).toString().slice(-2000)}`);
  return Buffer.concat(printed).toString();
}

/**
 * Gives tools/tuning/check.py a task.
 * @param files written beside the script's working folder first, so that the task can name them
 */
export async function askPython<T>(task: object, files: Readonly<Record<string, Uint8Array>> = {}): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sensorium-python-'));
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    const text = await runPython('tuning/check.py', [], folder, JSON.stringify(task));
    return JSON.parse(text.trimEnd().split('\n').at(-1)!) as T;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Likelihoods of options behind texts by PyTorch, see test/models/references/make_choices.py; `model`: a folder of weights. */
export async function torchLikelihoods(model: string, asked: readonly { readonly left: string; readonly options: readonly string[] }[]): Promise<{ readonly sums: readonly number[]; readonly tokens: readonly number[] }[]> {
  const text = await runPython('../test/models/references/make_choices.py', [model, '--ask'], root, JSON.stringify({ asked }));
  return JSON.parse(text.trimEnd().split('\n').at(-1)!) as { sums: number[]; tokens: number[] }[];
}

const folders = new Map<string, Promise<string>>();

/** A bundled model as a folder of PyTorch weights, made by tools/model/weights.py; gone when the tests are over. */
export function torchFolder(id: string): Promise<string> {
  const known = folders.get(id) ?? (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sensorium-torch-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    await runPython('model/weights.py', ['--model', join(root, 'public/models', id), '--out', folder], root);
    return folder;
  })();
  folders.set(id, known);
  return known;
}
