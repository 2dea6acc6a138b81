/** Every screen that a person may meet, as the view that leads to it. */
import type { Action, Consent, View } from '../../../mobile-sdk/web/src/sdk/types';
import type { Sheet } from '../../../mobile-sdk/web/src/page/page';

export interface Shot {
  name: string;
  view: Partial<View>;
  sheet?: Sheet;
  helper?: boolean;
  leftHand?: boolean;
  cannot?: readonly Action[];
  /** The page was loaded again after the end. */
  reloaded?: boolean;
  /** Opened without a link, or in a browser that cannot do it. */
  without?: 'link' | 'features' | 'answer';
}

const consent: Consent = {
  purposeTitle: '確認領取長者津貼的是本人 · Confirming who draws the old-age allowance',
  text: 'We take a few pictures of your face with your camera and compare them with the photo of your '
    + 'identity card.\nThe pictures are deleted afterwards.',
  receiver: '社會福利署 Social Welfare Office',
  claims: [
    { name: 'name', title: 'Your name 姓名', purpose: 'To write to the right person', retentionDays: 365, required: true },
    { name: 'birthdate', title: '出生日期 Date of birth', purpose: '核對年齡', retentionDays: 0, required: true },
    { name: 'address', title: 'Your address', purpose: 'To send you the new card', retentionDays: 30, required: false },
  ],
};

const oval = { centreX: 0.5, centreY: 0.47, height: 0.86 };
const looking: Partial<View> = { state: 'capturing', oval, faceSeen: true, actionsDone: 1, actionsTotal: 4, attemptsLeft: 3 };
/** A fixed moment, so that pictures are the same at any time. */
const EXPIRES = Date.UTC(2026, 10, 23, 6, 20);

const guided = (phrase: string, view: Partial<View> = {}): Shot =>
  ({ name: 'capture-' + phrase, view: { ...looking, phrase, ...view } });

export const SHOTS: readonly Shot[] = [
  { name: 'welcome', view: { state: 'new', phrase: 'welcome' } },
  { name: 'welcome-helper', view: { state: 'new', phrase: 'welcome' }, helper: true, leftHand: true },
  { name: 'joining', view: { state: 'joining', phrase: 'connecting' } },
  { name: 'consent', view: { state: 'consent', phrase: 'read_consent', consent, expiresAtMs: EXPIRES } },
  { name: 'consent-no-claims', view: { state: 'consent', phrase: 'read_consent', consent: { ...consent, claims: [] } } },
  { name: 'consenting', view: { state: 'consenting', phrase: 'connecting', consent } },
  { name: 'prepare', view: { state: 'consent', phrase: 'read_consent', consent }, sheet: 'prepare' },
  { name: 'ask-camera', view: { state: 'ready', phrase: 'allow_camera' } },
  { name: 'camera-denied', view: { state: 'camera_help', phrase: 'camera_help', reason: 'camera_denied' } },
  { name: 'camera-taken', view: { state: 'camera_help', phrase: 'camera_help', reason: 'camera_taken' } },
  { name: 'camera-missing', view: { state: 'camera_help', phrase: 'another_way', reason: 'camera_missing' } },
  { name: 'camera-unsupported', view: { state: 'camera_help', phrase: 'another_way', reason: 'not_supported' } },
  { name: 'beginning', view: { state: 'beginning', phrase: 'connecting' } },
  { name: 'capture-begins', view: { ...looking, phrase: 'show_face', oval: undefined, faceSeen: false } },
  guided('hold_still'), guided('move_closer'), guided('move_away'), guided('centre_face'), guided('look_straight'),
  guided('more_light'), guided('less_light'), guided('even_light'), guided('uncover_face'),
  guided('one_person_only'), guided('turn_left'), guided('turn_right'), guided('back_to_centre'), guided('open_mouth'),
  guided('close_mouth'), guided('blink'), guided('nod'), guided('fit_oval', { oval: { centreX: 0.42, centreY: 0.55, height: 0.7 } }),
  guided('capture_done', { actionsDone: 4 }),
  { name: 'capture-helper', view: { ...looking, phrase: 'turn_left' }, helper: true },
  { name: 'capture-left-hand', view: { ...looking, phrase: 'turn_right' }, leftHand: true },
  { name: 'capture-light', view: { ...looking, phrase: 'look_straight', light: 0xff8989 } },
  { name: 'capture-offline', view: { ...looking, state: 'capturing_offline', phrase: 'keep_going_offline' } },
  { name: 'holding', view: { state: 'holding', phrase: 'no_connection', framesWaiting: 48 } },
  { name: 'sending', view: { state: 'sending', phrase: 'sending', framesWaiting: 12 } },
  { name: 'sending-offline', view: { state: 'sending_offline', phrase: 'no_connection', framesWaiting: 7 } },
  { name: 'judging', view: { state: 'judging', phrase: 'checking' } },
  { name: 'waiting', view: { state: 'waiting', phrase: 'wait_a_while', waitUntilMs: EXPIRES } },
  { name: 'waiting-turn', view: { state: 'waiting', phrase: 'connecting', reason: 'server_busy', waitUntilMs: EXPIRES } },
  { name: 'try-again', view: { state: 'try_again', phrase: 'try_again', attemptsLeft: 2, advice: 'more_light' } },
  { name: 'try-again-last', view: { state: 'try_again', phrase: 'try_again', attemptsLeft: 1 } },
  { name: 'paused', view: { state: 'paused', phrase: 'paused', expiresAtMs: EXPIRES } },
  { name: 'ways', view: { state: 'new', phrase: 'welcome' }, sheet: 'ways' },
  { name: 'ways-later', view: { state: 'try_again', phrase: 'try_again' }, sheet: 'ways' },
  { name: 'cannot', view: { state: 'paused', phrase: 'paused' }, sheet: 'cannot', cannot: ['nod'] },
  { name: 'stop', view: { state: 'consent', phrase: 'read_consent', consent }, sheet: 'stop' },
  { name: 'done', view: { state: 'done', phrase: 'finished', over: true,
    keepReference: { state: 'offered', text: '' } } },
  { name: 'done-kept', view: { state: 'done', phrase: 'finished', over: true, keepReference: { state: 'kept', text: '' } } },
  { name: 'done-reloaded', view: { state: 'done', phrase: 'finished', over: true }, reloaded: true },
  { name: 'take-back', view: { state: 'done', phrase: 'finished', over: true }, sheet: 'stop' },
  { name: 'staff-review', view: { state: 'staff_review', phrase: 'staff_will_look', over: true } },
  { name: 'withdrawing', view: { state: 'withdrawing', phrase: 'connecting' } },
  { name: 'withdrawn', view: { state: 'withdrawn', phrase: 'stopped_as_asked', over: true } },
  { name: 'expired', view: { state: 'expired', phrase: 'time_is_up', reason: 'session_expired', over: true } },
  { name: 'blocked-key', view: { state: 'blocked', phrase: 'another_way', reason: 'key_store_failed', over: true } },
  { name: 'blocked', view: { state: 'blocked', phrase: 'ask_for_new_link', reason: 'link_refused', over: true } },
  { name: 'no-link', view: {}, without: 'link' },
  { name: 'not-supported', view: {}, without: 'features' },
  { name: 'not-loaded', view: {}, without: 'answer' },
];
