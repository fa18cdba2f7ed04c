/**
 * The text of the kernels. A line `//! include shared/x.wgsl` in a kernel stands for that file; this is the only place
 * that puts kernels together, for the app and for the check by Dawn (test/gpu/wgsl.node.test.ts) alike.
 */
const files = import.meta.glob<string>('../../shaders/**/*.wgsl', { query: '?raw', import: 'default', eager: true });

/** Files of shaders/ by their path in it: 'rdm.wgsl', 'shared/philox.wgsl'. */
const sources: ReadonlyMap<string, string> = new Map(
  Object.entries(files).map(([path, text]) => [path.slice('../../shaders/'.length), text]),
);

/** The kernels: every file that is not a shared part. */
export const kernelFiles: readonly string[] = [...sources.keys()].filter((path) => !path.startsWith('shared/')).sort();

/** The shared parts. */
export const sharedFiles: readonly string[] = [...sources.keys()].filter((path) => path.startsWith('shared/')).sort();

/** A kernel's text with its shared parts in place, ready to compile. */
export function shaderCode(file: string): string {
  const source = sources.get(file);
  if (source === undefined) throw new RangeError(`no such file in shaders/: ${file}`);
  return source.replaceAll(/^\/\/! include (\S+)$/gm, (_line, part: string) => shaderCode(part));
}
