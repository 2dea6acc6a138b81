/** A QR code as a drawing. */
import { encode } from 'uqr';
import { s } from '../page/dom';

/** Light modules around it, as ISO/IEC 18004 asks for. */
const QUIET = 4;

/** Medium correction: a link stays coarse enough to be scanned from a dull screen. */
export function drawCode(text: string, label: string): SVGElement {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET });
  let path = '';
  data.forEach((row, y) => row.forEach((isDark, x) => {
    if (isDark) path += `M${x} ${y}h1v1h-1z`;
  }));
  return s('svg', {
    class: 'code', viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': label,
    'shape-rendering': 'crispEdges',
  }, s('path', { d: path }));
}
