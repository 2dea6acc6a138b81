/**
 * Follows a session by its join link: imi.v1.SubjectService/FollowSession over gRPC-Web, read
 * from the body of a fetch as it comes.
 */
import type { Link } from '../sdk/link';
import { decodeNews, encodeRequest, FrameReader, statusOf } from './wire';
import type { News } from './wire';

/** Below what gateway and proxies let a silent answer last; then it is asked for anew. */
const STREAM_S = 50;
/** A stream that has not ended by then is dead, whatever the network says. */
const DEAD_AFTER_MS = (STREAM_S + 15) * 1000;
const BACKOFF_MS = [1000, 2000, 4000, 8000] as const;
const RECEIPT_EVERY_MS = 1000;
/** The log takes a decision in within a second; cosignatures of witnesses may take longer. */
const RECEIPT_TRIES = 60;

const OK = 0;
const DEADLINE = 4;
const UNAUTHENTICATED = 16;

/** away: no answer for now, it goes on by itself. refused: the link is of no use any more. */
export type Told = News | 'away' | 'refused';

const wait = (ms: number, signal: AbortSignal): Promise<void> => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
});

/** One stream to its end: the status of gRPC. Rejects where the network or the gateway fails. */
async function followOnce(link: Link, tell: (news: News) => void, outer: AbortSignal):
    Promise<number> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, DEAD_AFTER_MS);
  outer.addEventListener('abort', abort, { once: true });
  try {
    const response = await fetch(`${link.origin}/imi.v1.SubjectService/FollowSession`, {
      method: 'POST',
      headers: {
        'content-type': 'application/grpc-web+proto', 'x-grpc-web': '1',
        'grpc-timeout': `${STREAM_S}S`,
      },
      body: encodeRequest(link.sessionId, link.secret),
      credentials: 'omit', cache: 'no-store', redirect: 'error', signal: controller.signal,
    });
    if (response.status !== 200 || !response.body) throw new Error(`HTTP ${response.status}`);
    return await readStream(response.body, tell);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', abort);
    abort();
  }
}

async function readStream(body: ReadableStream<Uint8Array>, tell: (news: News) => void):
    Promise<number> {
  const reader = body.getReader();
  const frames = new FrameReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error('the answer was cut');
    for (const frame of frames.take(value)) {
      if (frame.isEnd) return statusOf(frame.payload);
      tell(decodeNews(frame.payload));
    }
  }
}

const hasReceipt = ({ step }: News): boolean => step === 'done' || step === 'staff_review';
const isOver = (news: News | undefined): news is News =>
  news !== undefined && (hasReceipt(news) || news.step === 'expired' || news.step === 'withdrawn');

/** Tells how it goes until it is over, through lost networks; returns what stops it. */
export function follow(link: Link, tell: (told: Told) => void): () => void {
  const stopper = new AbortController();
  void run(link, tell, stopper.signal);
  return () => stopper.abort();
}

async function run(link: Link, tell: (told: Told) => void, signal: AbortSignal): Promise<void> {
  let last: News | undefined;
  let failures = 0;
  let receiptTries = 0;
  const hear = (news: News): void => {
    last = news;
    failures = 0;
    if (!signal.aborted) tell(news);
  };
  while (!signal.aborted) {
    const status = await followOnce(link, hear, signal).catch(() => undefined);
    if (signal.aborted) return;
    if (status === UNAUTHENTICATED) return isOver(last) ? undefined : tell('refused');
    if (status === OK && isOver(last)) {
      if (!hasReceipt(last) || last.receipt !== '' || ++receiptTries > RECEIPT_TRIES) return;
      await wait(RECEIPT_EVERY_MS, signal);
    } else if (status !== DEADLINE) {
      // A single drop is not worth a word.
      if (failures > 0 && !isOver(last)) tell('away');
      await wait(BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)]!, signal);
    }
  }
}
