/** Screens that the person opens: other ways, what they cannot do, stopping. */
import type { Action } from '../../sdk/types';
import { h } from '../dom';
import type { Child } from '../dom';
import { fill } from '../language';
import { button, headingOf, paragraph, translation, wayKey } from '../page';
import type { Page, Screen } from '../page';

function sheet(title: string, words: readonly Child[], keys: readonly Child[]): Screen {
  const heading = headingOf(title);
  return {
    words: h('div', { class: 'words' }, heading, ...words),
    keys: h('div', { class: 'keys' }, ...keys),
    heading,
  };
}

const part = (title: string, ...children: readonly Child[]): HTMLElement =>
  h('section', {}, h('h2', {}, title), ...children);

/** Goes to another place; looks like what is pressed. */
const linkKey = (label: string, href: string): HTMLElement =>
  h('a', { class: 'key even', href, rel: 'noreferrer' }, h('span', {}, label));

function staffPart(page: Page): HTMLElement {
  const { texts, config: { staff = {} } } = page;
  return part(texts.waysStaff,
    h('p', { class: 'theirs' }, translation(staff.text, page) ?? texts.waysStaffText),
    staff.telephone !== undefined && linkKey(fill(texts.waysCall, { number: staff.telephone }),
      'tel:' + staff.telephone.replace(/[ ()-]/g, '')),
    staff.page !== undefined && linkKey(texts.waysPage, staff.page));
}

function helperPart(page: Page): HTMLElement {
  const { texts, visit: { helper } } = page;
  return part(texts.waysHelper, paragraph(texts.waysHelperText),
    button(helper ? texts.waysHelperOff : texts.waysHelperOn, () => {
      page.chooseVisit({ helper: !helper });
      page.close();
    }, { kind: 'even' }));
}

function devicePart(page: Page): HTMLElement {
  const { texts, link } = page;
  const code = link !== undefined && page.view.state === 'new'
    && linkKey(texts.waysDeviceCode, '/desk.html' + link.slice(link.indexOf('#')));
  return part(texts.waysDevice, paragraph(texts.waysDeviceText), code);
}

/** Before consent nothing was given that could be taken back. */
const MAY_STOP_FROM = ['ready', 'camera_help', 'beginning', 'waiting', 'capturing', 'capturing_offline', 'holding',
  'sending', 'sending_offline', 'judging', 'try_again', 'paused', 'consent'];

/** Another device has nothing left to do. */
const AFTER_ALL = ['done', 'staff_review'];

export function waysScreen(page: Page): Screen {
  const { texts, view } = page;
  return sheet(texts.waysTitle, [
    staffPart(page),
    !view.over && helperPart(page),
    !AFTER_ALL.includes(view.state) && devicePart(page),
    !view.over && part(texts.waysCannot, paragraph(texts.waysCannotText),
      button(texts.cannot, () => page.open('cannot'), { kind: 'even' })),
    MAY_STOP_FROM.includes(view.state) && button(texts.waysStop, () => page.open('stop'), { kind: 'even' }),
  ], [button(texts.back, () => page.close(), { kind: 'main' })]);
}

export function cannotScreen(page: Page): Screen {
  const { texts } = page;
  const chosen = new Set<Action>(page.visit.cannot);
  const item = (action: Action): HTMLElement => {
    const box = h('input', { type: 'checkbox', change: () => {
      if (box.checked) chosen.add(action);
      else chosen.delete(action);
      page.chooseVisit({ cannot: [...chosen] });
    } });
    box.checked = chosen.has(action);
    return h('li', {}, h('label', { class: 'tick' }, box, h('span', {}, texts.actions[action])));
  };
  return sheet(texts.cannotTitle, [
    paragraph(texts.cannotText),
    h('ul', { class: 'claims' }, ...(Object.keys(texts.actions) as Action[]).map(item)),
  ], [button(texts.cannotSave, () => page.close(), { kind: 'main' }), wayKey(page)]);
}

/** Nothing that cannot be undone happens by one touch. */
export function stopScreen(page: Page): Screen {
  const { texts, view } = page;
  return sheet(view.over ? texts.withdraw : texts.stopTitle, [
    paragraph(view.over ? texts.withdrawText : texts.stopText),
  ], [h('div', { class: 'pair' },
    button(view.over ? texts.withdraw : texts.stopYes, () => page.withdraw(), { kind: 'even' }),
    button(texts.stopNo, () => page.close(), { kind: 'even' })), wayKey(page)]);
}
