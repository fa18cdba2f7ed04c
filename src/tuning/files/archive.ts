/** An adapter's files out of a zip: one that we wrote, or a folder of peft's save_pretrained that somebody packed. */
import { unzipSync, type UnzipFileInfo } from 'fflate';
import { Problem } from '../../base/problem.ts';
import { shortList } from '../../data/names.ts';
import { cardFile } from './card.ts';
import { peftConfigFile, peftWeightsFile, type PeftFiles } from './peft.ts';

/** Of one task: each has a head of its own. */
export const headFile = (task: 'rating' | 'choice'): string => `head-${task}.safetensors`;

export interface AdapterArchive {
  readonly peft: PeftFiles;
  /** sensorium.json, where there is one. */
  readonly card: Uint8Array<ArrayBuffer> | null;
  readonly heads: Readonly<Record<'rating' | 'choice', Uint8Array<ArrayBuffer> | null>>;
}

/** All that is read together, unpacked: adapters of models that a browser can run are far smaller. */
const most = 2 ** 30;

/**
 * Unpacks the files that are wanted and no others. They may lie in a folder of the zip.
 *
 * @param file its name, for messages
 * @throws Problem `adapter-unreadable` where it is no zip, holds no adapter, several, or only pickled weights;
 *   `adapter-too-large`
 */
export function readArchive(bytes: Uint8Array<ArrayBuffer>, file: string): AdapterArchive {
  const wanted = [peftConfigFile, peftWeightsFile, cardFile, headFile('rating'), headFile('choice')];
  const names: string[] = [];
  let total = 0;
  const unpack = (choose: (info: UnzipFileInfo) => boolean): Record<string, Uint8Array> => {
    try {
      return unzipSync(bytes, { filter: choose });
    } catch (error) {
      throw unreadable(file, `it is not a whole zip (${error instanceof Error ? error.message : String(error)})`, 'Choose the zip that a finetune cell gave, or pack the folder that save_pretrained wrote.');
    }
  };
  unpack(({ name }) => {
    // What macOS adds beside every file.
    if (!name.startsWith('__MACOSX/')) names.push(name);
    return false;
  });
  const folder = folderOf(names, file);
  const content = unpack(({ name, originalSize }) => {
    const chosen = name.startsWith(folder) && wanted.includes(name.slice(folder.length));
    if (chosen) total += originalSize;
    return chosen && total <= most;
  });
  if (total > most) throw new Problem({ code: 'adapter-too-large', place: file, what: `its files are ${total} bytes unpacked, more than ${most}`, fix: 'Export the adapter alone: adapter_config.json and adapter_model.safetensors.' });
  const given = (name: string): Uint8Array<ArrayBuffer> | null => (content[folder + name] ? new Uint8Array(content[folder + name]!) : null);
  const [config, weights] = [given(peftConfigFile), given(peftWeightsFile)];
  if (!weights && names.includes(`${folder}adapter_model.bin`)) {
    throw unreadable(file, `its weights are in adapter_model.bin, a pickle, which can hold programs and is not read`, 'Save it again in Python with save_pretrained(..., safe_serialization=True).');
  }
  if (!config || !weights) throw unreadable(file, `${folder}${config ? peftWeightsFile : peftConfigFile} is not in it`, 'Pack both files that save_pretrained wrote.');
  return { peft: { [peftConfigFile]: config, [peftWeightsFile]: weights }, card: given(cardFile), heads: { rating: given(headFile('rating')), choice: given(headFile('choice')) } };
}

/** Where the adapter lies: '' or a folder's path with a slash at the end. */
function folderOf(names: readonly string[], file: string): string {
  const folders = names.filter((name) => name === peftConfigFile || name.endsWith(`/${peftConfigFile}`)).map((name) => name.slice(0, -peftConfigFile.length));
  if (folders.length === 1) return folders[0]!;
  throw folders.length > 1
    ? unreadable(file, `it holds ${folders.length} adapters, in ${shortList(folders.map((folder) => folder || 'its root'), 3)}`, 'Pack one adapter.')
    : unreadable(file, `there is no ${peftConfigFile} in it${names.length > 0 ? `, only ${shortList(names, 4)}` : ''}`, 'Choose the zip that a finetune cell gave, or pack the folder that save_pretrained wrote.');
}

function unreadable(file: string, what: string, fix: string): Problem {
  return new Problem({ code: 'adapter-unreadable', place: file, what, fix });
}
