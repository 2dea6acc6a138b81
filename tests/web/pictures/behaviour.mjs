/** What the page does when it is pressed, and what it hands to the verification. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { LANGUAGES, settled, SIZES, withHarness } from './browser.mjs';

const tests = {};
let page;

const show = (name, language) => page.evaluate(([n, l]) => window.pictures.show(n, l), [name, language]);
const change = (view) => page.evaluate((v) => window.pictures.change(v), view);
const become = (name) => page.evaluate((n) => window.pictures.become(n), name);
const press = (name) => page.getByRole('button', { name, exact: true }).click();
const calls = () => page.evaluate(() => window.pictures.calls());
const heading = () => page.locator('h1').textContent();
const focused = () => page.evaluate(() => document.activeElement.tagName + ' ' + document.activeElement.textContent);

tests.start_is_the_only_thing_that_begins = async () => {
  await show('welcome', 'en');
  assert.deepEqual((await calls()).filter((call) => !call.startsWith('open')), []);
  await press('Start');
  assert.ok((await calls()).includes('start()'));
};

tests.consent_tells_required_claims_and_those_that_were_ticked = async () => {
  await show('consent', 'en');
  await page.getByRole('checkbox').check();
  await press('Yes, I agree');
  await page.getByRole('heading', { name: 'Please allow the camera' }).waitFor();
  assert.ok(!(await calls()).some((call) => call.startsWith('agree')), 'agreed before the picture');
  await press('I understand');
  assert.ok((await calls()).includes('agree(name,birthdate,address)'));
};

tests.optional_claims_are_not_ticked_beforehand = async () => {
  await show('consent', 'en');
  assert.equal(await page.getByRole('checkbox').isChecked(), false);
};

tests.ticks_survive_a_change_of_language = async () => {
  await show('consent', 'en');
  await page.getByRole('checkbox').check();
  await press('廣東話');
  assert.equal(await page.getByRole('checkbox').isChecked(), true);
};

tests.no_is_asked_once_more_and_can_be_left = async () => {
  await show('consent', 'en');
  await press('No, I do not agree');
  await press('No, go back');
  assert.equal(await heading(), 'Please read this, then choose');
  await press('No, I do not agree');
  assert.ok(!(await calls()).includes('disagree()'));
  await press('Yes, stop');
  assert.ok((await calls()).includes('disagree()'));
};

tests.a_text_of_the_server_is_never_markup = async () => {
  await show('joining', 'en');
  const hostile = '<img src=x onerror=alert(1)><b>bold</b>';
  await change({ state: 'consent', phrase: 'read_consent', consent: { purposeTitle: hostile, text: hostile,
    receiver: hostile, claims: [{ name: 'x', title: hostile, purpose: hostile, retentionDays: 1, required: false }] } });
  assert.equal(await page.locator('main img, main b').count(), 0);
  assert.equal(await page.getByText(hostile, { exact: true }).count(), 5);
};

tests.another_way_is_on_every_screen_and_stops_the_camera_meanwhile = async () => {
  for (const name of await page.evaluate(() => window.pictures.names)) {
    if (/^(ways|cannot|stop|take-back)/.test(name)) continue; // These are the other way, or lead back.
    await show(name, 'en');
    assert.equal(await page.getByRole('button', { name: 'Another way' }).count(), 1, name);
  }
  await show('capture-nod', 'en');
  await press('Another way');
  assert.deepEqual((await calls()).filter((call) => /pause|resume/.test(call)), ['pause()']);
  await change({ state: 'paused', phrase: 'paused' });
  assert.equal(await heading(), 'Another way');
  await press('Back');
  assert.ok((await calls()).includes('resume()'));
};

tests.what_a_person_paused_themselves_stays_paused = async () => {
  await show('paused', 'en');
  await press('Another way');
  await press('Back');
  assert.ok(!(await calls()).includes('resume()'));
  await press('Go on');
  assert.ok((await calls()).includes('resume()'));
};

tests.a_result_is_shown_over_whatever_was_opened = async () => {
  await show('judging', 'en');
  await press('Another way');
  await change({ state: 'done', phrase: 'finished', over: true });
  assert.equal(await heading(), 'All done. Thank you');
};

tests.what_a_person_cannot_do_is_told_and_remembered = async () => {
  await show('try-again', 'en');
  await press('What I cannot do');
  await page.getByRole('checkbox', { name: 'Nod my head' }).check();
  await page.getByRole('checkbox', { name: 'Close both eyes' }).check();
  await press('Done');
  assert.ok((await calls()).includes('setCannot(nod,blink)'));
  await show('welcome');
  assert.ok((await calls())[0].endsWith('user,nod,blink)'));
};

tests.a_helper_gets_the_back_camera_and_words_for_helpers = async () => {
  await show('welcome', 'en');
  await press('I am helping somebody');
  assert.ok((await calls()).includes('setCamera(environment)'));
  await change({ state: 'capturing', phrase: 'turn_left' });
  assert.equal(await heading(), 'Ask them to turn their head to THEIR left');
  assert.equal(await page.locator('.stage.mirror').count(), 0);
  await show('capture-nod', 'en');
  assert.equal(await page.locator('.stage.mirror').count(), 1);
};

tests.nothing_is_counted_before_a_face_was_seen = async () => {
  await show('capture-begins', 'en');
  assert.equal(await page.locator('.progress').isVisible(), false);
  await change({ state: 'capturing', phrase: 'hold_still', faceSeen: true, actionsTotal: 3, actionsDone: 1 });
  assert.equal(await page.locator('.progress').textContent(), 'Step 2 of 3');
};

tests.a_language_is_chosen_at_any_time_and_remembered = async () => {
  await show('capture-nod', 'en');
  await press('普通话');
  assert.equal(await heading(), '请慢慢点一下头');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
  assert.equal(await page.getByRole('button', { name: '普通话' }).getAttribute('aria-pressed'), 'true');
  assert.ok((await focused()).includes('普通话'), 'the button keeps the focus');
  await show('welcome');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
};

tests.every_state_of_a_verification_has_a_screen = async () => {
  assert.deepEqual(await page.evaluate(() => window.pictures.unseen), []);
};

/** Each screen that a verification leads to, from another on which the person is on this key. */
async function fromAnother(key, check) {
  await show('paused', 'en');
  for (const name of await page.evaluate(() => window.pictures.reached)) {
    await become(name === 'paused' ? 'judging' : 'paused');
    await page.getByRole('button', { name: key }).focus();
    await become(name);
    await check(name);
  }
}

tests.the_heading_of_each_new_screen_takes_the_focus_and_the_title = () => fromAnother('Another way', async (name) => {
  assert.equal(await focused(), 'H1 ' + await heading(), name);
  assert.equal(await page.title(), `${await heading()} – Social Welfare Office`);
  await page.keyboard.press('Tab');
  assert.equal(await page.locator('main :focus').count(), 1, `${name}: Tab goes on behind the heading`);
});

tests.who_is_on_a_key_above_a_screen_stays_there_when_it_changes = () => fromAnother('Sound', async (name) => {
  assert.equal(await page.locator('header .sound:focus').count(), 1, name);
});

tests.what_is_opened_over_each_screen_takes_the_focus_and_gives_it_back = () => fromAnother('Sound', async (name) => {
  const below = await heading();
  await press('Another way');
  assert.equal(await focused(), 'H1 Another way', name);
  await press('Back');
  assert.equal(await focused(), 'H1 ' + below, name);
});

tests.a_phrase_that_changes_is_announced_without_taking_the_focus = async () => {
  await show('capture-begins', 'en');
  await page.getByRole('button', { name: 'Pause' }).focus();
  await change({ state: 'capturing', phrase: 'nod' });
  assert.equal(await page.locator('[aria-live=polite] h1').textContent(), 'Nod your head slowly');
  assert.equal(await focused(), 'BUTTON Pause');
};

/** In the page: where elements and texts were put or taken away since. */
const watchChanges = () => page.evaluate(() => {
  window.changed = [];
  window.watching ??= new MutationObserver((records) =>
    window.changed.push(...records.map(({ target }) => target.nodeName)));
  window.watching.observe(document, { subtree: true, childList: true, characterData: true });
});

tests.news_leave_a_key_under_a_finger_and_a_reader_in_their_place = async () => {
  await show('capture-nod', 'en');
  await change({ state: 'capturing', phrase: 'nod' });
  await watchChanges();
  await change({ state: 'capturing', phrase: 'nod', framesWaiting: 3, oval: { centreX: 0.5, centreY: 0.5, height: 0.7 } });
  assert.deepEqual(await page.evaluate(() => window.changed), []);
  await change({ state: 'sending', phrase: 'sending', framesWaiting: 3 });
  await watchChanges();
  await change({ state: 'sending', phrase: 'sending', framesWaiting: 2 });
  assert.deepEqual(await page.evaluate(() => window.changed), ['P'], 'only the number is another');
};

/** A screen that knows how long its recordings take. */
async function showSpeaking(name) {
  await page.evaluate(() => {
    delete window.lengths;
    const { json } = window.plain ??= { json: Response.prototype.json };
    Response.prototype.json = function () {
      return window.lengths = json.call(this);
    };
  });
  await show(name, 'en');
  await page.waitForFunction(() => 'lengths' in window);
  await page.evaluate(() => window.lengths); // The page, which waited first, has them first.
}

tests.what_to_press_when_the_browser_asks_is_spoken_before = async () => {
  await showSpeaking('consent');
  await press('Yes, I agree');
  await page.getByRole('heading', { name: 'Please allow the camera' }).waitFor();
  await press('Listen again');
  assert.deepEqual((await calls()).filter((call) => /speaking/.test(call)), ['speaking(3456)', 'speaking(3456)']);
};

tests.a_phrase_is_spoken_when_it_is_due_and_on_demand_and_its_length_told = async () => {
  await showSpeaking('capture-begins');
  await change({ state: 'capturing', phrase: 'nod', spoken: 1 });
  assert.deepEqual((await calls()).filter((call) => /speaking/.test(call)), ['speaking(2345)']);
  await change({ state: 'capturing', phrase: 'nod', spoken: 1, framesWaiting: 3 });
  assert.equal((await calls()).filter((call) => /speaking/.test(call)).length, 1);
  await press('Listen again');
  assert.equal((await calls()).filter((call) => /speaking/.test(call)).length, 2);
};

tests.the_phone_vibrates_with_what_to_do_and_how_it_ended_and_not_while_one_reads = async () => {
  await page.evaluate(() => {
    window.vibrations = 0;
    navigator.vibrate = () => ++window.vibrations > 0;
  });
  await show('capture-begins', 'en');
  await change({ state: 'capturing', phrase: 'nod', spoken: 1 });
  assert.equal(await page.evaluate(() => window.vibrations), 1);
  await change({ state: 'sending', phrase: 'sending', spoken: 2 });
  assert.equal(await page.evaluate(() => window.vibrations), 1);
  await change({ state: 'try_again', phrase: 'try_again', spoken: 3 });
  assert.equal(await page.evaluate(() => window.vibrations), 2);
  await change({ state: 'done', phrase: 'finished', spoken: 4, over: true });
  assert.equal(await page.evaluate(() => window.vibrations), 3);
};

tests.a_muted_phone_asks_for_no_recording = async () => {
  await show('capture-begins', 'en');
  await press('Sound');
  assert.equal(await page.getByRole('button', { name: 'Sound' }).getAttribute('aria-pressed'), 'false');
  const asked = [];
  const note = (request) => asked.push(request.url());
  page.on('request', note);
  await change({ state: 'capturing', phrase: 'blink', spoken: 1 });
  await page.waitForTimeout(100);
  page.off('request', note);
  assert.deepEqual(asked.filter((url) => url.endsWith('blink.mp3')), []);
  const coming = page.waitForRequest(/blink\.mp3$/);
  await press('Sound');
  await coming;
};

tests.the_secret_leaves_the_address_once_the_phone_has_joined = async () => {
  await show('welcome', 'en');
  const secret = 's'.repeat(43);
  await change({ state: 'joining', phrase: 'connecting' });
  assert.equal(await page.evaluate(() => sessionStorage.getItem('imi.link')), null);
  await change({ state: 'consent', phrase: 'read_consent' });
  assert.equal(new URL(page.url()).hash, '#abc');
  assert.ok((await page.evaluate(() => sessionStorage.getItem('imi.link'))).endsWith(secret));
};

tests.this_tab_forgets_the_secret_when_it_is_over_and_a_reload_still_finds_the_end = async () => {
  await show('welcome', 'en');
  await change({ state: 'consent', phrase: 'read_consent' });
  await change({ state: 'done', phrase: 'finished', over: true });
  const kept = await page.evaluate(() => sessionStorage.getItem('imi.link'));
  assert.match(kept, /\/j#abc\.0{43}$/);
};

tests.a_link_that_was_refused_keeps_its_secret_for_another_browser = async () => {
  await page.evaluate(() => history.replaceState(null, '', '#before'));
  await show('joining', 'en');
  await change({ state: 'blocked', phrase: 'another_way', reason: 'key_store_failed', over: true });
  assert.equal(new URL(page.url()).hash, '#before');
  assert.equal(await page.getByRole('button', { name: 'Copy the link' }).count(), 1);
};

tests.the_copy_is_a_file_with_the_receipts = async () => {
  await show('done', 'en');
  const coming = page.waitForEvent('download');
  await press('Keep a copy');
  const download = await coming;
  assert.match(download.suggestedFilename(), /^imi-receipt-\d{4}-\d\d-\d\d\.json$/);
  const copy = JSON.parse(readFileSync(await download.path(), 'utf8'));
  assert.deepEqual(copy.consent, { a: 1 });
  await page.getByText('The copy is among your downloads.').waitFor();
};

tests.keeping_the_picture_is_a_question_and_can_be_taken_back = async () => {
  await show('done', 'en');
  await press('No, do not keep it');
  assert.ok((await calls()).includes('keepReference(false)'));
  await change({ state: 'done', phrase: 'finished', over: true, keepReference: { state: 'kept', text: '' } });
  await press('Do not keep it');
  assert.equal((await calls()).filter((call) => call === 'keepReference(false)').length, 2);
};

tests.who_answers_about_the_picture_by_keyboard_is_led_on = async () => {
  const done = { state: 'done', phrase: 'finished', over: true };
  await show('done', 'en');
  await page.getByRole('button', { name: 'Yes, keep it' }).press('Enter');
  for (const keepReference of [{ state: 'kept', text: '' }, { state: 'kept', text: '' }]) {
    await change({ ...done, keepReference });
    assert.match(await focused(), /^H2 /);
  }
  await page.getByRole('button', { name: 'Do not keep it' }).press('Enter');
  await change(done);
  assert.equal(await focused(), 'H1 ' + await heading());
};

tests.an_answer_about_the_picture_that_was_lost_is_told_and_one_that_arrived_is_not = async () => {
  const lost = page.getByText('That did not get through. Please press again in a moment.');
  await show('done', 'en');
  await press('Yes, keep it');
  await lost.waitFor();
  await press('Yes, keep it');
  assert.equal(await lost.count(), 0);
  await change({ state: 'done', phrase: 'finished', over: true, keepReference: { state: 'kept', text: '' } });
  await page.waitForTimeout(4500);
  assert.equal(await lost.count(), 0);
};

tests.consent_is_taken_back_after_a_second_question = async () => {
  await show('done', 'en');
  await press('Take back my consent');
  assert.ok(!(await calls()).includes('withdraw()'));
  await press('Take back my consent');
  assert.ok((await calls()).includes('withdraw()'));
  await page.getByText('We have passed on that you take back your consent.').waitFor();
  assert.equal(await heading(), 'Stopped, as you asked');
};

tests.who_cannot_tell_the_server_hears_so_and_may_press_again = async () => {
  await page.evaluate(() => { window.pictures.offline = true; });
  await show('staff-review', 'en');
  await press('Take back my consent');
  await press('Take back my consent');
  await page.getByText('That did not get through. Please press again in a moment.').waitFor();
  assert.equal(await heading(), 'A member of staff will help');
  await page.evaluate(() => { window.pictures.offline = false; });
  await press('Take back my consent');
  await press('Take back my consent');
  await page.getByRole('heading', { name: 'Stopped, as you asked' }).waitFor();
};

tests.a_page_loaded_after_the_end_offers_nothing_that_no_longer_works = async () => {
  await show('done-reloaded', 'en');
  assert.equal(await page.getByRole('button', { name: 'Keep a copy' }).count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Take back my consent' }).count(), 0);
};

tests.a_new_screen_does_not_carry_the_phrase_of_the_last = async () => {
  await show('try-again', 'en');
  await change({ state: 'ready', phrase: 'try_again' });
  assert.equal(await heading(), 'Please allow the camera');
  await change({ state: 'beginning', phrase: 'try_again' });
  await change({ state: 'capturing', phrase: 'nod', spoken: 1 });
  assert.equal(await heading(), 'Nod your head slowly');
  await change({ state: 'capturing_offline', phrase: 'nod', spoken: 1 });
  assert.equal(await heading(), 'Nod your head slowly');
};

tests.who_allowed_the_camera_is_not_asked_again = async () => {
  await show('paused', 'en');
  await change({ state: 'ready', phrase: 'allow_camera' });
  assert.equal(await page.locator('.question').count(), 1);
  await change({ state: 'beginning', phrase: 'connecting' });
  await change({ state: 'paused', phrase: 'paused' });
  await change({ state: 'ready', phrase: 'allow_camera' });
  assert.equal(await page.locator('.question').count(), 0);
  assert.equal(await heading(), 'One moment, please');
  await change({ state: 'camera_help', phrase: 'camera_help', reason: 'camera_denied' });
  await change({ state: 'ready', phrase: 'allow_camera' });
  assert.equal(await page.locator('.question').count(), 1);
};

tests.whose_turn_has_not_come_is_not_told_to_rest_nor_looked_at_while_they_read = async () => {
  await show('beginning', 'en');
  await change({ state: 'waiting', phrase: 'connecting', reason: 'server_busy', waitUntilMs: Date.now() + 3000 });
  assert.equal(await heading(), 'One moment, please');
  await page.getByText('Your turn comes soon, by itself.').waitFor();
  await press('Another way');
  await change({ state: 'paused', phrase: 'paused' });
  await press('Back');
  assert.deepEqual((await calls()).filter((call) => /pause|resume/.test(call)), ['pause()', 'resume()']);
};

tests.a_new_screen_is_seen_from_its_top = async () => {
  await show('consent', 'en');
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await change({ state: 'ready', phrase: 'allow_camera' });
  assert.equal(await page.evaluate(() => scrollY), 0);
};

tests.what_most_will_press_is_seen_without_scrolling = async () => {
  for (const language of LANGUAGES) {
    for (const name of ['welcome', 'prepare', 'paused', 'camera-taken']) {
      await show(name, language);
      const box = await page.locator('.key.main').boundingBox();
      assert.ok(box.y + box.height <= 560, `${name} ${language}: ${box.y + box.height}`);
    }
  }
};

tests.light_fills_the_page_and_goes_with_the_capture = async () => {
  await show('capture-begins', 'en');
  await change({ state: 'capturing', phrase: 'look_straight', light: 0x59bf59 });
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await settled(page);
  assert.equal(await colour(), 'rgb(89, 191, 89)');
  await change({ state: 'paused', phrase: 'paused', light: 0x59bf59 });
  await settled(page);
  assert.equal(await colour(), 'rgb(255, 255, 255)');
};

let failed = 0;
const told = await withHarness(SIZES.phone, 16, async (opened) => {
  page = opened;
  page.setDefaultTimeout(30_000);
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
    } catch (error) {
      failed++;
      console.error(`FAILED ${name}: ${error.message}`);
    }
    await page.evaluate(() => sessionStorage.removeItem('imi.link'));
  }
  console.log(`${Object.keys(tests).length} tests, ${failed} failed`);
});
told.forEach((line) => console.error(line));
process.exit(failed + told.length > 0 ? 1 : 0);
