/** A screen as a screen reader has it: Chromium's accessibility tree, and the order of what is told. */

/** Roles of what must have a name. */
const NAMED = ['button', 'link', 'checkbox', 'image', 'img', 'Video', 'textbox', 'main', 'heading']
  .filter((role) => role !== 'main');

/** Runs in the page: what is told, in the order of the document, against where it stands. */
function order() {
  const faults = [];
  const told = [];
  for (const element of document.querySelectorAll('#page *')) {
    if (element.closest('[aria-hidden=true]') || element.getClientRects().length === 0) continue;
    if (element.matches('[aria-owns], [aria-flowto]')) faults.push(`order by aria: ${element.tagName}`);
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!hasText && !element.matches('video, input')) continue;
    const { top, bottom, left, right } = element.getBoundingClientRect();
    told.push({ top, bottom, left, right, on: `${element.tagName} "${element.textContent.slice(0, 30)}"` });
  }
  for (let i = 1; i < told.length; i++) {
    const [a, b] = [told[i - 1], told[i]];
    const sameColumn = b.left < a.right && a.left < b.right;
    if (sameColumn && b.bottom <= a.top + 1) faults.push(`read later than it is seen: ${b.on}`);
  }
  return faults;
}

/** Nodes that a screen reader meets, in its order, with the landmark in which they are. */
function flatten(nodes) {
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const met = [];
  const visit = (node, landmark) => {
    const role = node.role?.value ?? '';
    const inside = ['main', 'banner'].includes(role) ? role : landmark;
    const level = node.properties?.find(({ name }) => name === 'level')?.value.value;
    if (!node.ignored) met.push({ role, name: (node.name?.value ?? '').trim(), level, landmark: inside });
    for (const id of node.childIds ?? []) if (byId.has(id)) visit(byId.get(id), inside);
  };
  visit(nodes.find((node) => !node.parentId), '');
  return met;
}

/** What is wrong with how the screen that is shown is read out. */
export async function reading(page) {
  const cdp = await page.context().newCDPSession(page);
  const { nodes } = await cdp.send('Accessibility.getFullAXTree');
  await cdp.detach();
  const met = flatten(nodes);
  const faults = met.filter(({ role, name }) => NAMED.includes(role) && name === '')
    .map(({ role }) => `a ${role} has no name`);
  const [root] = met;
  if (root.name === '') faults.push('the page has no title');
  const said = met.filter(({ role, landmark }) =>
    landmark === 'main' && (NAMED.includes(role) || role === 'StaticText'));
  if (said[0]?.role !== 'heading' || said[0].level !== 1) faults.push(`read before the heading: ${said[0]?.name}`);
  if (said.at(-1)?.name === said[0]?.name) faults.push('the heading is all that is read');
  const levels = met.filter(({ role }) => role === 'heading').map(({ level }) => level);
  if (levels.filter((level) => level === 1).length !== 1) faults.push(`headings of level 1: ${levels.join()}`);
  if (levels.some((level, i) => level > (levels[i - 1] ?? 0) + 1)) faults.push(`a level is left out: ${levels.join()}`);
  const banner = met.findIndex(({ landmark }) => landmark === 'banner');
  if (banner < 0 || banner > met.findIndex(({ landmark }) => landmark === 'main')) {
    faults.push('languages and sound do not come first');
  }
  return [...faults, ...await page.evaluate(order)];
}
