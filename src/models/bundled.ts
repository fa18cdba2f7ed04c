/** The models that ship with the app, in public/models. */
import { Problem } from '../base/problem.ts';

export const bundledModels = [
  { id: 'sensorium-mini', what: 'small English-Dutch encoder' },
  { id: 'sensorium-mini-causal', what: 'smaller still, reads from left to right' },
] as const;

export function isBundled(id: string): boolean {
  return bundledModels.some((model) => model.id === id);
}

/** Says that no model of this name ships. @throws Problem `model-not-bundled`. */
export function requireBundled(id: string): void {
  if (isBundled(id)) return;
  throw new Problem({
    code: 'model-not-bundled', place: `model ${id}`,
    what: `"${id}" does not ship with Sensorium; ${bundledModels.length === 2 ? 'two models do' : 'these do'}: ${bundledModels.map((model) => model.id).join(' and ')}`,
    fix: 'Choose one of these; for another model choose the source hub and write owner/name, or drop its folder and choose the source local.',
  });
}

/** Says that what ships is not at the hub under this bare name: the hub is not asked. @throws Problem `hub-id`. */
export function refuseBundled(id: string): void {
  if (!isBundled(id)) return;
  throw new Problem({ code: 'hub-id', place: `model ${id}`, what: `"${id}" ships with Sensorium, and the hub’s models are named owner/name`, fix: 'Write owner/name in Model, or choose the source bundled.' });
}
