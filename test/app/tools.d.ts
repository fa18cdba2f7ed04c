/** Types of the tools that these tests use. */
declare module '*/tools/ensure.mjs' {
  export function ensureBuilt(): void;
}
declare module '*/tools/serve.mjs' {
  export function serve(port: number): Promise<{ readonly address: string; readonly stop: () => Promise<void> }>;
}
declare module '*/tools/chromium.mjs' {
  export const chromiumArguments: string[];
  export function findChromium(): Promise<string>;
}
