/**
 * The real page with a verification that only shows what it is told: for pictures of every screen
 * and checks of how they are built. How a verification behaves is tested with a real one.
 */
import type { Options, Verification, View } from '../../../mobile-sdk/web/src/sdk/types';
import { STATES } from '../../../mobile-sdk/web/src/sdk/codes';
import { openPage } from '../../../mobile-sdk/web/src/page/app';
import { readConfig } from '../../../mobile-sdk/web/src/page/config';
import { showDrawnCamera } from './drawn_camera';
import { SHOTS } from './states';
import type { Shot } from './states';

const NOTHING: View = {
  state: 'new', phrase: 'welcome', spoken: 0, reason: 'none', actionsDone: 0, actionsTotal: 0, attemptsLeft: 3,
  faceSeen: false, framesWaiting: 0, expiresAtMs: 0, over: false,
};

const LINK = 'https://imi.example/j#abc.' + 's'.repeat(43);

const CONFIG = readConfig({
  name: { en: 'Social Welfare Office', 'zh-CN': '社会福利署', 'zh-HK': '社會福利署' },
  staff: { telephone: '+852 2345 6789', page: 'https://office.example/appointments' },
});

/** What the page called since it was shown, as "name(values)". */
let calls: string[] = [];
let tell: (view: View) => void = () => undefined;

/** Stays in its view until it is told another. */
function standing(first: View, options: Options): Verification {
  const note = (name: string) => (...values: unknown[]): void => { calls.push(`${name}(${values.join()})`); };
  const verification = {
    view: first, start: note('start'), agree: note('agree'), disagree: note('disagree'), again: note('again'),
    pause: note('pause'), resume: note('resume'), setCannot: note('setCannot'), setCamera: note('setCamera'),
    speaking: note('speaking'), keepReference: note('keepReference'), dispose: note('dispose'),
    withdraw: async () => {
      calls.push('withdraw()');
      if (pictures.offline) throw new Error('Please try again.');
    },
    receipts: async () => ({ consent: '{"a":1}', consentReceipt: '', decision: '' }),
  };
  tell = (view) => {
    verification.view = view;
    options.onChange(view);
  };
  return verification;
}

/** Shows a screen; settings are left as the person has them where no language is named. */
async function show(name: string, language?: string): Promise<void> {
  const shot: Shot = SHOTS.find((one) => one.name === name)!;
  const { without, helper = false, leftHand = false, cannot = [] } = shot;
  if (language) {
    localStorage.setItem('imi.settings', JSON.stringify({ language, sound: true, leftHand }));
    sessionStorage.setItem('imi.visit', JSON.stringify({ helper, cannot }));
  }
  calls = [];
  const view = { ...NOTHING, ...shot.view };
  const sdk = {
    missingFeatures: () => without === 'features' ? ['camera'] : [],
    openVerification: async (options: Options): Promise<Verification> => {
      if (without === 'answer') throw new Error('Please try again.');
      calls.push(`open(${options.link},${options.camera},${options.cannot})`);
      if (view.state.startsWith('capturing')) await showDrawnCamera(options.video);
      return standing(view.over && !shot.reloaded ? { ...NOTHING, state: 'judging', phrase: 'checking' } : view, options);
    },
  };
  const root = document.getElementById('page')!;
  const app = await openPage(root, sdk, CONFIG, without === 'link' ? 'https://imi.example/j' : LINK);
  if (view.over && !shot.reloaded && !without) tell(view);
  if (shot.sheet) app.open(shot.sheet);
  window.scrollTo(0, 0);
}

const pictures = {
  show,
  names: SHOTS.map((shot) => shot.name),
  change: (view: Partial<View>): void => tell({ ...NOTHING, ...view }),
  /** The verification goes on to the view of a screen, without what the person opens over it. */
  become: (name: string): void => tell({ ...NOTHING, ...SHOTS.find((one) => one.name === name)!.view }),
  /** Screens that a verification leads to by itself. */
  reached: SHOTS.filter((shot) => !shot.without && !shot.sheet && !shot.reloaded).map((shot) => shot.name),
  /** States of a verification that no screen shows. */
  unseen: STATES.filter((state) => !SHOTS.some((shot) => shot.view.state === state)),
  calls: (): string[] => calls,
  /** Calls that answer fail. */
  offline: false,
};

declare global {
  interface Window { pictures: typeof pictures }
}

window.pictures = pictures;
