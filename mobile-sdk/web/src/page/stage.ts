/** The camera's picture with the oval that the face is to fill. */
import type { Oval } from '../sdk/types';
import { h, s } from './dom';

/** Width of the oval over its height, as the server draws it: faces are so. */
const OVAL_WIDTH = 0.78;

export class Stage {
  readonly video = h('video', { muted: true, playsinline: true, autoplay: true });
  readonly node: HTMLElement;
  private readonly shade = s('path', { class: 'shade', 'fill-rule': 'evenodd' });
  private readonly rim = s('ellipse', { class: 'rim' });
  private readonly ring = s('ellipse', { class: 'ring' });
  private readonly drawing = s('svg', { 'aria-hidden': 'true' }, this.shade, this.rim, this.ring);
  private oval: Oval | undefined;

  constructor() {
    // The attribute alone does not mute an element that was made by code.
    this.video.muted = true;
    this.node = h('figure', { class: 'stage off' }, this.video, this.drawing);
    this.video.addEventListener('resize', () => this.draw());
    this.video.addEventListener('loadedmetadata', () => this.draw());
  }

  /** Out of sight it still runs: some browsers stop a video that is not laid out. */
  show(visible: boolean, mirrored: boolean, label: string): void {
    this.node.classList.toggle('off', !visible);
    this.node.classList.toggle('mirror', mirrored);
    this.node.setAttribute('aria-hidden', String(!visible));
    this.video.setAttribute('aria-label', label);
  }

  setOval(oval: Oval | undefined): void {
    this.oval = oval;
    this.draw();
  }

  private draw(): void {
    const { videoWidth: width, videoHeight: height } = this.video;
    const { oval } = this;
    this.drawing.classList.toggle('none', !oval || !width);
    if (!oval || !width) return;
    this.drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const side = Math.min(width, height);
    const at = { cx: oval.centreX * width, cy: oval.centreY * height };
    const ry = oval.height * side / 2;
    const rx = ry * OVAL_WIDTH;
    for (const ellipse of [this.rim, this.ring]) {
      for (const [name, value] of Object.entries({ ...at, rx, ry })) ellipse.setAttribute(name, value.toFixed(1));
      ellipse.setAttribute('stroke-width', (side * (ellipse === this.rim ? 0.03 : 0.016)).toFixed(1));
    }
    this.shade.setAttribute('d', `M0 0H${width}V${height}H0Z M${at.cx - rx} ${at.cy}`
      + `a${rx} ${ry} 0 1 0 ${2 * rx} 0a${rx} ${ry} 0 1 0 ${-2 * rx} 0Z`);
  }
}
