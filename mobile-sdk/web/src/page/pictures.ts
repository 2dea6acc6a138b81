/** One calm drawing for each phrase. Colours come from the style sheet; all are drawn in 120 x 120. */
import { s } from './dom';

type Parts = readonly SVGElement[];

const line = (d: string): SVGElement => s('path', { d, class: 'line' });
const strong = (d: string): SVGElement => s('path', { d, class: 'strong' });
const moving = (...parts: Parts): SVGElement => s('g', { class: 'moving' }, ...parts);
const placed = (transform: string, ...parts: Parts): SVGElement => s('g', { transform }, ...parts);
const dot = (cx: number, cy: number, r: number): SVGElement => s('circle', { cx, cy, r, class: 'dot' });

interface Face {
  /** To which side of the picture it looks: -1 left, 1 right. */
  turn?: number;
  /** Up or down. */
  tilt?: number;
  mouth?: 'open';
  eyes?: 'closed';
}

/** A face of some age, friendly. */
function face({ turn = 0, tilt = 0, mouth, eyes }: Face = {}): SVGElement {
  const x = 60 + 9 * turn;
  const y = 60 + 7 * tilt;
  const eye = (at: number): SVGElement => eyes === 'closed'
    ? line(`M${at - 6} ${y - 3}q6 5 12 0`) : dot(at, y - 2, 3.6);
  const lips = mouth === 'open'
    ? s('ellipse', { cx: x, cy: y + 23, rx: 8, ry: 9, class: 'hole' })
    : line(`M${x - 10} ${y + 19}q10 8 20 0`);
  return s('g', {},
    turn < 1 ? s('ellipse', { cx: 91, cy: 62, rx: 5, ry: 9, class: 'skin' }) : s('g'),
    turn > -1 ? s('ellipse', { cx: 29, cy: 62, rx: 5, ry: 9, class: 'skin' }) : s('g'),
    s('ellipse', { cx: 60, cy: 62, rx: 31, ry: 39, class: 'skin' }),
    s('path', { d: 'M28 56c-3-52 67-52 64 0c-6-20-18-25-32-25s-26 5-32 25z', class: 'hair' }),
    eye(x - 12), eye(x + 12), line(`M${x + 3 * turn} ${y + 2}q${4 * (turn || 1)} 7 -2 8`), lips);
}

const small = (...parts: Parts): SVGElement => placed('translate(18 18) scale(.7)', ...parts);
const phone = (): SVGElement => s('rect', { x: 24, y: 4, width: 72, height: 112, rx: 10, class: 'phone' });
const oval = (): SVGElement => s('ellipse', { cx: 60, cy: 60, rx: 42, ry: 54, class: 'guide' });

/** Arrow from the middle of the picture to its left side, and others made of it. */
const toLeft = (): SVGElement => moving(strong('M40 108H8M20 96L8 108L20 120'));
const toRight = (): SVGElement => moving(strong('M80 108h32M100 96l12 12l-12 12'));
const tick = (): SVGElement => s('g', {},
  s('circle', { cx: 60, cy: 60, r: 48, class: 'good' }), s('path', { d: 'M36 62l17 17l32-36', class: 'tick' }));
const sun = (): SVGElement => s('g', {}, s('circle', { cx: 60, cy: 60, r: 18, class: 'light' }),
  strong('M60 14v16M60 90v16M14 60h16M90 60h16M27 27l12 12M81 81l12 12M93 27L81 39M39 81L27 93'));
const person = (): SVGElement => s('g', {}, s('circle', { cx: 60, cy: 34, r: 20, class: 'skin' }),
  s('path', { d: 'M20 112c0-34 16-48 40-48s40 14 40 48z', class: 'coat' }));
const clock = (): SVGElement => s('g', {}, s('circle', { cx: 60, cy: 60, r: 46, class: 'paper' }),
  strong('M60 30v32l20 12'));
const paper = (): SVGElement => s('g', {},
  s('path', { d: 'M26 8h50l18 18v86H26z', class: 'paper' }), line('M40 44h40M40 62h40M40 80h26'));
const camera = (): SVGElement => s('g', {},
  s('path', { d: 'M12 36h22l8-14h36l8 14h22v64H12z', class: 'paper' }),
  s('circle', { cx: 60, cy: 66, r: 20, class: 'guide' }));
const office = (): SVGElement => s('g', {},
  s('path', { d: 'M60 16l46 24H14z', class: 'coat' }), strong('M24 50v44M48 50v44M72 50v44M96 50v44M12 104h96'));
const dots = (): SVGElement => s('g', { class: 'waiting' }, dot(36, 60, 8), dot(60, 60, 8), dot(84, 60, 8));
const signpost = (): SVGElement => s('g', {}, strong('M60 12v100'),
  s('path', { d: 'M20 22h62l14 14l-14 14H20z', class: 'coat' }),
  s('path', { d: 'M100 58H42L28 72l14 14h58z', class: 'paper' }));
const cloud = (): SVGElement => s('path', {
  d: 'M34 92a22 22 0 0 1 2-44a28 28 0 0 1 54 4a20 20 0 0 1-2 40z', class: 'paper' });

const PICTURES: Readonly<Record<string, () => Parts>> = {
  show_face: () => [phone(), small(face())],
  one_person_only: () => [placed('translate(-8 6) scale(.85)', face()),
    placed('translate(72 18) scale(.42)', face()), toRight()],
  move_closer: () => [small(face()), moving(strong('M2 2l20 20M2 14V2h12M118 2L98 22M106 2h12v12'
    + 'M2 118l20-20M2 106v12h12M118 118l-20-20M118 106v12h-12'))],
  move_away: () => [small(face()), moving(strong('M2 2l18 18M20 8v12H8M118 2l-18 18M100 8v12h12'
    + 'M2 118l18-18M8 100h12v12M118 118l-18-18M112 100h-12v12'))],
  centre_face: () => [oval(), placed('translate(30 30) scale(.6)', face()), moving(strong('M100 22L82 40M98 42H80V24'))],
  look_straight: () => [face()],
  hold_still: () => [oval(), placed('translate(9 9) scale(.85)', face())],
  more_light: () => [sun()],
  less_light: () => [sun(), s('path', { d: 'M14 14l92 92', class: 'strike' })],
  even_light: () => [placed('translate(44 30) scale(.72)', face()), placed('translate(-6 -6) scale(.5)', sun())],
  uncover_face: () => [face(), s('path', { d: 'M34 66h52v22q-26 16-52 0z', class: 'cloth' }),
    moving(strong('M104 112V84M94 94l10-10l10 10'))],
  turn_left: () => [face({ turn: -1 }), toLeft()],
  turn_right: () => [face({ turn: 1 }), toRight()],
  open_mouth: () => [face({ mouth: 'open' })],
  blink: () => [face({ eyes: 'closed' })],
  back_to_centre: () => [face(), moving(strong('M4 110h30M24 100l10 10l-10 10M116 110H86M96 100l-10 10l10 10'))],
  close_mouth: () => [face()],
  capture_done: () => [tick()],
  fit_oval: () => [oval(), placed('translate(9 9) scale(.85)', face())],
  nod: () => [face({ tilt: 1 }), moving(strong('M108 20v80M98 90l10 12l10-12M98 30l10-12l10 12'))],
  welcome: () => [phone(), small(face())],
  connecting: () => [dots()],
  read_consent: () => [paper()],
  allow_camera: () => [camera()],
  camera_help: () => [camera()],
  wait_a_while: () => [clock()],
  no_connection: () => [cloud(), s('path', { d: 'M22 104l76-88', class: 'strike' })],
  keep_going_offline: () => [oval(), placed('translate(9 9) scale(.85)', face())],
  sending: () => [cloud(), strong('M60 112V66M44 80l16-16l16 16')],
  checking: () => [dots()],
  try_again: () => [strong('M96 44a42 42 0 1 0 6 26M98 16v30H68')],
  paused: () => [s('circle', { cx: 60, cy: 60, r: 48, class: 'paper' }), s('path', { d: 'M48 38v44M72 38v44', class: 'bars' })],
  finished: () => [tick()],
  staff_will_look: () => [person()],
  stopped_as_asked: () => [s('circle', { cx: 60, cy: 60, r: 48, class: 'paper' }),
    s('rect', { x: 42, y: 42, width: 36, height: 36, rx: 4, class: 'dot' })],
  time_is_up: () => [clock()],
  ask_for_new_link: () => [office()],
  another_way: () => [signpost()],
};

/** The phrase's picture; words say the same, so that it is not read out. */
export function picture(phrase: string, mirrored: boolean): SVGElement {
  const parts = (PICTURES[phrase] ?? PICTURES.connecting!)();
  // Drawn as in a mirror; who holds the phone for another sees left and right the other way.
  const drawn = mirrored ? parts : [placed('matrix(-1 0 0 1 120 0)', ...parts)];
  return s('svg', { class: 'picture', viewBox: '0 0 120 120', 'aria-hidden': 'true' }, ...drawn);
}

/** The browser's question with the answer that is meant. */
export function questionPicture(allow: string, block: string): SVGElement {
  const label = (x: number, text: string, kind: string): SVGElement => s('g', { class: kind },
    s('rect', { x, y: 72, width: 122, height: 40, rx: 8 }),
    s('text', { x: x + 61, y: 99, 'text-anchor': 'middle' }, text));
  return s('svg', { class: 'question', viewBox: '0 0 280 150', 'aria-hidden': 'true' },
    s('rect', { x: 4, y: 4, width: 272, height: 122, rx: 14, class: 'paper' }),
    placed('translate(113 6) scale(.45)', camera()),
    label(12, block, 'unwanted'), label(146, allow, 'wanted'),
    moving(strong('M207 146v-28M195 130l12-12l12 12')));
}

const ICONS: Readonly<Record<string, () => Parts>> = {
  sound: () => [line('M12 46v28h18l26 22V24L30 46zM74 44q14 16 0 32M90 30q28 30 0 60')],
  silent: () => [line('M12 46v28h18l26 22V24L30 46zM76 46l30 28M106 46L76 74')],
  pause: () => [line('M42 26v68M78 26v68')],
  listen: () => [line('M94 46a38 38 0 1 0 4 26M96 18v30H66')],
  way: () => [line('M60 10v100M22 20h60l14 14l-14 14H22zM98 58H42L28 72l14 14h56z')],
  cannot: () => [line('M60 110V66M60 66L30 40M60 66l30-26'), s('circle', { cx: 60, cy: 24, r: 14, class: 'line' }),
    line('M14 14l92 92')],
  person: () => [s('circle', { cx: 60, cy: 34, r: 20, class: 'line' }), line('M20 112c0-34 16-48 40-48s40 14 40 48')],
};

/** A sign beside the words of a button. */
export function icon(name: string): SVGElement {
  return s('svg', { class: 'icon', viewBox: '0 0 120 120', 'aria-hidden': 'true' }, ...(ICONS[name]?.() ?? []));
}
