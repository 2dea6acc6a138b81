/**
 * The real page with a verification that only shows what it is told: for pictures of every screen
 * and checks of how they are built. How a verification behaves is tested with a real one.
 */
import type { Options, Verification, View } from '../../../mobile-sdk/web/src/sdk/types';
import { openPage } from '../../../mobile-sdk/web/src/page/app';
import { readConfig } from '../../../mobile-sdk/web/src/page/config';
import { showDrawnCamera } from './drawn_camera';
import { SHOTS } from './states';
import type { Shot } from './states';

const NOTHING: View = {
  state: 'new', phrase: 'welcome', spoken: 0, reason: 'none', actionsDone: 0, actionsTotal: 0, attemptsLeft: 3,
  faceSeen: false, framesWaiting: 0, expiresAtMs: 0, over: false,
};

const CONFIG = readConfig({
  name: { en: 'Social Welfare Office', 'zh-CN': '社会福利署', 'zh-HK': '社會福利署' },
  staff: { telephone: '+852 2345 6789', page: 'https://office.example/appointments' },
});

/** Stands still in one view. */
function shown(view: View, calls: string[]): Verification {
  const note = (name: string) => (...values: unknown[]): void => { calls.push(`${name}(${values.join()})`); };
  return {
    view, start: note('start'), agree: note('agree'), disagree: note('disagree'), again: note('again'),
    pause: note('pause'), resume: note('resume'), setCannot: note('setCannot'), setCamera: note('setCamera'),
    speaking: note('speaking'), keepReference: note('keepReference'), dispose: note('dispose'),
    receipts: async () => ({ consent: '', consentReceipt: '', decision: '' }),
  };
}

async function show(name: string, language: string): Promise<string[]> {
  const shot: Shot = SHOTS.find((one) => one.name === name)!;
  localStorage.setItem('imi.settings', JSON.stringify({ language, sound: true, leftHand: shot.leftHand === true }));
  sessionStorage.setItem('imi.visit', JSON.stringify({ helper: shot.helper === true, cannot: shot.cannot ?? [] }));
  const view = { ...NOTHING, ...shot.view };
  const calls: string[] = [];
  const sdk = {
    missingFeatures: () => shot.without === 'features' ? ['camera'] : [],
    openVerification: async (options: Options): Promise<Verification> => {
      if (shot.without === 'answer') throw new Error('Please try again.');
      if (view.state.startsWith('capturing')) await showDrawnCamera(options.video);
      return shown(view, calls);
    },
  };
  const root = document.getElementById('page')!;
  const link = shot.without === 'link' ? 'https://imi.example/j' : 'https://imi.example/j#abc.' + 's'.repeat(43);
  const app = await openPage(root, sdk, CONFIG, link);
  if (shot.sheet) app.open(shot.sheet);
  window.scrollTo(0, 0);
  return calls;
}

declare global {
  interface Window { pictures: { show: typeof show; names: string[] } }
}

window.pictures = { show, names: SHOTS.map((shot) => shot.name) };
