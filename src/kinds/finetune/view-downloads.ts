/** Buttons that save a tuned model: its adapter, or the whole model with the adapter merged in. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ModelValue } from '../../data/values.ts';
import { fileName } from '../../figures/export.ts';
import { button } from '../../ui/controls.ts';
import { download } from '../../ui/download.ts';
import type { ViewContext } from '../kind.ts';
import { mergedExport } from './exports.ts';

/** Where the page offers no exports (a preview of the view alone) the second button is not there. */
export function modelDownloads(value: ModelValue, { save, state, update }: ViewContext): TemplateResult {
  const saving = state.get('saving') === true;
  const saveMerged = async (): Promise<void> => {
    state.set('saving', true);
    update();
    await save?.(mergedExport, `${fileName(value.label)}-onnx.zip`);
    state.delete('saving');
    update();
  };
  return html`<div class="card-files">
    ${button({ label: 'Adapter for PEFT (zip)', icon: 'download', onClick: () => void downloadAdapter(value) })}
    ${save ? button({ label: saving ? 'Merging …' : 'Merged model (ONNX, zip)', icon: 'download', disabled: saving, onClick: () => void saveMerged() }) : nothing}
    <p class="card-note">The adapter is for Python and for an adapter cell; the merged model runs wherever ONNX does. Both hold what was learnt and this card, with none of the data.</p>
  </div>`;
}

/** The page holds no tuning code until it is asked for. */
async function downloadAdapter(value: ModelValue): Promise<void> {
  const { adapterZip } = await import('./adapter-zip.ts');
  download(`${fileName(value.label)}-peft.zip`, await adapterZip(value), 'application/zip');
}
