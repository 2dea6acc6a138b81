/** The computer's page: the link of the address bar as a code, and the session followed. */
import { loadConfig } from '../page/config';
import { h } from '../page/dom';
import { hideSecret, joinLinkOf } from '../page/link';
import { parseLink } from '../sdk/link';
import { Desk } from './desk';
import { follow } from './follow';
import { hasJoined, phoneAddress } from './route';

/** The page looks as built in rather than keep a person waiting for colours. */
const CONFIG_TIMEOUT_MS = 2500;

async function main(): Promise<void> {
  const found = joinLinkOf(location.href);
  const link = found && parseLink(found.href);
  // Whoever began here goes on here; nothing is offered twice.
  if (link && await hasJoined(link)) return location.replace(phoneAddress(link));
  const config = await loadConfig(CONFIG_TIMEOUT_MS);
  if (config.theme) document.head.append(h('link', { rel: 'stylesheet', href: config.theme }));
  const desk = new Desk(document.getElementById('page')!, config, link);
  if (!link) return;
  let isHidden = false;
  follow(link, (told) => {
    desk.tell(told);
    // From here on the link is of no use but to follow: it need not stay in the history.
    if (!isHidden && typeof told === 'object' && told.step !== 'waiting_for_phone') {
      isHidden = true;
      hideSecret(found);
    }
  });
}

void main();
