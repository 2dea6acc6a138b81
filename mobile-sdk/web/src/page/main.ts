/** The page of the phone: config, theme, then the verification of the link in the address bar. */
import { deskAddress } from '../desk/route';
import * as sdk from '../sdk/index';
import { openPage } from './app';
import { loadConfig } from './config';
import { h } from './dom';

/** The page looks as built in rather than keep a person waiting for colours. */
const CONFIG_TIMEOUT_MS = 2500;

async function main(): Promise<void> {
  const elsewhere = await deskAddress(location.href);
  if (elsewhere !== undefined) return location.replace(elsewhere);
  const config = await loadConfig(CONFIG_TIMEOUT_MS);
  if (config.theme) document.head.append(h('link', { rel: 'stylesheet', href: config.theme }));
  await openPage(document.getElementById('page')!, sdk, config, location.href);
}

// Another link that is scanned while this page is open changes nothing but what stands behind #.
addEventListener('hashchange', () => location.reload());
void main();
