/** The SDK: what a page imports. */
import { openCamera } from './camera';
import { hasVectors, loadCore } from './core';
import { missingFeatures } from './features';
import { VideoFrames } from './frames';
import { parseLink } from './link';
import { openStore } from './open_store';
import { Session } from './session';
import type { Options, Verification } from './types';

export type * from './types';
export { missingFeatures };

/** Names of the core's files beside this one; put in by the build. */
declare const IMI_CORE_FILE: string;
declare const IMI_CORE_SCALAR_FILE: string;

function coreUrl(given: string | URL | undefined): string {
  if (given !== undefined) {
    return hasVectors() ? String(given) : String(given).replace(/\.wasm$/, '_scalar.wasm');
  }
  return new URL(hasVectors() ? IMI_CORE_FILE : IMI_CORE_SCALAR_FILE, import.meta.url).href;
}

export async function openVerification(options: Options): Promise<Verification> {
  const link = parseLink(options.link);
  const missing = missingFeatures();
  if (missing.length > 0) {
    throw new Error(`imi: this browser lacks ${missing.join(', ')}; use another one`);
  }
  const [core, store] = await Promise.all([loadCore(coreUrl(options.core)),
    openStore(link.sessionId)]);
  const { video } = options;
  return new Session({
    core, store, link, options,
    kept: await store.load(),
    frames: new VideoFrames(video),
    openCamera: (facing, onLost, signal) => openCamera(facing, video, onLost, signal),
  });
}
