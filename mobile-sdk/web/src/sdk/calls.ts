/** Calls to the gateway: unary gRPC-Web by fetch, framed and taken apart by the core. */
import { Reason } from './codes';
import type { Core } from './core';
import * as layout from './layout';
import type { Read } from './messages';

export type Method = 'SubjectService/Join' | 'SubjectService/GiveConsent'
  | 'SubjectService/BeginCapture' | 'SubjectService/SubmitFrame' | 'SubjectService/GetOutcome'
  | 'SubjectService/AnswerAdditionalReference' | 'HolderService/GetConsent'
  | 'HolderService/GetDecisionReceipt' | 'HolderService/WithdrawConsent';

const CONTENT_TYPE = 'application/grpc-web+proto';
/** What the network gets for a small call there and back, and the server for its work. */
const CALL_TIMEOUT_MS = 15000;
/** A frame that takes longer is sent again; the server answers it once. */
const FRAME_TIMEOUT_MS = 10000;
const PROBE_TIMEOUT_MS = 5000;
/** The gateway's Date has whole seconds, and the way takes its time. */
const SKEW_FREE_MS = 120000;

const TIMEOUTS: Partial<Record<Method, number>> = {
  'SubjectService/SubmitFrame': FRAME_TIMEOUT_MS,
};

export class CallFailed extends Error {
  /** A number of Reason. */
  readonly reason: number;

  constructor(reason: number) {
    super(`imi: a call failed for reason ${reason}`);
    this.reason = reason;
  }
}

/** Statuses of HTTP that the gateway itself answers with. */
function reasonOfHttp(status: number): number {
  if (status === 429 || status === 408 || status >= 500) return Reason.SERVER_BUSY;
  return Reason.NOT_SUPPORTED;
}

/** Aborts when the time is up or when another signal does. */
function deadline(timeoutMs: number, outer?: AbortSignal): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  if (outer?.aborted) abort();
  outer?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    },
  };
}

export class Calls {
  /** Of the session; empty before it was joined. */
  credential = '';
  /** How far the server's clock is ahead of this one, where they differ by minutes. */
  skewMs = 0;
  private readonly core: Core;
  private readonly origin: string;

  constructor(core: Core, origin: string) {
    this.core = core;
    this.origin = origin;
  }

  /** Rejects with CallFailed. The request is wiped: it may hold an image. */
  async call<T>(method: Method, request: Uint8Array, read: Read<T>,
    signal?: AbortSignal): Promise<T> {
    const timeoutMs = TIMEOUTS[method] ?? CALL_TIMEOUT_MS;
    return this.parse(await this.post(method, request, timeoutMs, signal), read);
  }

  /** Whether the server is there, whatever it answers. */
  async probe(signal: AbortSignal): Promise<boolean> {
    try {
      await this.post('SubjectService/GetOutcome', new Uint8Array(0), PROBE_TIMEOUT_MS, signal);
      return true;
    } catch {
      return false;
    }
  }

  private async post(method: Method, request: Uint8Array, timeoutMs: number,
    outer?: AbortSignal): Promise<Uint8Array> {
    const { signal, end } = deadline(timeoutMs, outer);
    const body = this.frame(request);
    try {
      const response = await fetch(`${this.origin}/imi.v1.${method}`, {
        method: 'POST',
        headers: {
          'content-type': CONTENT_TYPE,
          'x-grpc-web': '1',
          'grpc-timeout': `${timeoutMs}m`,
          ...(this.credential ? { authorization: `Bearer ${this.credential}` } : {}),
        },
        body,
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        signal,
      });
      if (response.status !== 200) throw new CallFailed(reasonOfHttp(response.status));
      this.compareClocks(response.headers.get('date'));
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw error instanceof CallFailed ? error : new CallFailed(Reason.NO_NETWORK);
    } finally {
      body.fill(0);
      end();
    }
  }

  private frame(request: Uint8Array): Uint8Array<ArrayBuffer> {
    const { memory, exports } = this.core;
    const body = new Uint8Array(layout.GRPC_WEB_HEADER_SIZE + request.length);
    memory.scratch((allocate) => {
      const header = allocate(layout.GRPC_WEB_HEADER_SIZE);
      exports.imi_core_grpc_web_header(request.length, header);
      body.set(memory.bytes(header, layout.GRPC_WEB_HEADER_SIZE));
    });
    body.set(request, layout.GRPC_WEB_HEADER_SIZE);
    request.fill(0);
    return body;
  }

  private parse<T>(body: Uint8Array, read: Read<T>): T {
    if (body.length > layout.GRPC_WEB_ANSWER_MAX) throw new CallFailed(Reason.ANSWER_MALFORMED);
    const { memory, exports } = this.core;
    return memory.scratch((allocate) => {
      const answer = allocate(layout.answer.SIZE);
      exports.imi_core_grpc_web_parse(memory.newView(allocate, body), answer);
      const status = memory.u32(answer + layout.answer.status);
      if (status !== 0) throw new CallFailed(exports.imi_core_grpc_reason(status));
      const message = read(this.core, answer + layout.answer.message);
      if (message === undefined) throw new CallFailed(Reason.ANSWER_MALFORMED);
      return message;
    });
  }

  private compareClocks(date: string | null): void {
    const ahead = date ? Date.parse(date) - Date.now() : NaN;
    this.skewMs = Math.abs(ahead) > SKEW_FREE_MS ? ahead : 0;
  }
}
