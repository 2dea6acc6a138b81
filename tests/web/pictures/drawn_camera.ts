/** A camera that shows a drawn person before a window: no one's picture is kept here. */

function ellipse(to: CanvasRenderingContext2D, fill: string, x: number, y: number, rx: number, ry: number): void {
  to.fillStyle = fill;
  to.beginPath();
  to.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
  to.fill();
}

function draw(to: CanvasRenderingContext2D, width: number, height: number): void {
  to.fillStyle = '#9fb3bd';
  to.fillRect(0, 0, width, height);
  to.fillStyle = '#d9e4e6';
  to.fillRect(width * 0.68, height * 0.05, width * 0.28, height * 0.4);
  const x = width * 0.5;
  const y = height * 0.47;
  const r = Math.min(width, height) * 0.3;
  ellipse(to, '#46617c', x, height * 1.05, r * 2, r * 1.6);
  ellipse(to, '#c9c9c9', x, y - r * 0.25, r * 1.1, r * 1.2);
  ellipse(to, '#dcb08c', x, y, r, r * 1.3);
  ellipse(to, '#3a2c25', x - r * 0.38, y - r * 0.12, r * 0.1, r * 0.07);
  ellipse(to, '#3a2c25', x + r * 0.38, y - r * 0.12, r * 0.1, r * 0.07);
  ellipse(to, '#c4906c', x, y + r * 0.25, r * 0.14, r * 0.2);
  ellipse(to, '#9c5a4c', x, y + r * 0.68, r * 0.34, r * 0.07);
}

/** Puts it into a video, and waits until the first picture is there. */
export async function showDrawnCamera(video: HTMLVideoElement): Promise<void> {
  const canvas = document.createElement('canvas');
  const upright = window.innerHeight >= window.innerWidth;
  canvas.width = upright ? 480 : 640;
  canvas.height = upright ? 640 : 480;
  const to = canvas.getContext('2d')!;
  video.srcObject = canvas.captureStream(30);
  const redraw = (): void => draw(to, canvas.width, canvas.height);
  redraw();
  const timer = setInterval(redraw, 20);
  await video.play();
  await new Promise((done) => video.requestVideoFrameCallback(done));
  clearInterval(timer);
}
