/** Finds a Chromium for tests and the headless runner, or gets one from the package manager. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Software WebGPU, so that kernels run on any machine; no background traffic. Keep in sync with vitest.config.ts. */
export const chromiumArguments = [
  '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader',
];

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
  'C:/Program Files (x86)/Google/Chrome/Application/chrome.exe',
  'C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe',
];

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installed() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...places].find((path) => existsSync(path) && executable(path));
}

async function playwrightOwn() {
  const { chromium } = await import('playwright');
  const path = chromium.executablePath();
  return path && existsSync(path) ? path : undefined;
}

function quietly(command, args) {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** Tries the package manager; says what it does, since it changes the machine. */
function fromPackageManager() {
  const root = process.getuid?.() === 0;
  const sudo = root ? [] : ['sudo', '-n'];
  const attempts = [
    { tool: 'apt-get', steps: [['apt-get', 'update', '-qq'], ['apt-get', 'install', '-y', '-qq', 'chromium']] },
    { tool: 'dnf', steps: [['dnf', 'install', '-y', '-q', 'chromium']] },
    { tool: 'apk', steps: [['apk', 'add', '-q', 'chromium']] },
  ];
  for (const { tool, steps } of attempts) {
    if (!(process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, tool)))) continue;
    console.error(`No Chromium found; installing it with ${tool} …`);
    const done = steps.every((step) => {
      const [command, ...args] = [...sudo, ...step];
      return quietly(command, args);
    });
    if (done) return installed();
  }
  return undefined;
}

/** Path of a Chromium: $CHROME_PATH, an installed one, Playwright's, the package manager's. Ends with a message if none can be had. */
export async function findChromium() {
  const named = process.env.CHROME_PATH;
  if (named) {
    if (existsSync(named)) return named;
    console.error(`CHROME_PATH is ${named}, and no file is there. Point it at a Chromium or unset it.`);
    process.exit(1);
  }
  const path = installed() ?? (await playwrightOwn()) ?? fromPackageManager();
  if (path) return path;
  console.error('No Chromium was found and none could be installed. Install Chrome or Chromium 121 or newer, or set CHROME_PATH to one.');
  process.exit(1);
}
