/** Elements made by code: text goes in as text, so nothing that a server wrote is ever markup. */

export type Child = Node | string | false | undefined;

type Values = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

const SVG = 'http://www.w3.org/2000/svg';

function fillElement<E extends Element>(element: E, values: Values, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== undefined && child !== false));
  return element;
}

/** An element of HTML; values that are functions listen to the event of that name. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, values: Values = {}, ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fillElement(document.createElement(tag), values, children);
}

/** What stands there already is left alone, and not read out again: a reader keeps their place in it. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** An element of SVG. */
export function s(tag: string, values: Values = {}, ...children: readonly Child[]): SVGElement {
  return fillElement(document.createElementNS(SVG, tag) as SVGElement, values, children);
}
