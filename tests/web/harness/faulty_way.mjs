// The way to the gateway, over which frames get lost, lose their answers, or come twice.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";

import { readBody, readFrame } from "./wire.mjs";

const { GATEWAY, IMI_DATA } = process.env;
const OK = "0";

/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What has become of one frame. */
class Frame {
  sent = 0; // by the phone
  taken = new Set(); // answers of the server that took it, as hex
  refused = []; // codes with which it was to be sent again
  heard = 0; // answers that came back to the phone
  heardAtFirst = false;

  constructor(sequence) {
    this.sequence = sequence;
  }
}

export class FaultyWay {
  frames = new Map(); // "CAPTURE SEQUENCE"
  lost = 0;
  answersLost = 0;
  doubled = 0;

  /** Shares of the calls with frames, by chance with this seed. */
  static async open({ seed, lost, answersLost, doubled }) {
    const way = new FaultyWay();
    way.seed = seed;
    way.shares = { lost, answersLost, doubled };
    way.agent = new Agent({ keepAlive: true, ca: readFileSync(join(IMI_DATA, "pki/ca.crt")) });
    way.server = createServer((from, to) => void way.#carry(from, to));
    way.server.listen(0, "127.0.0.1");
    await once(way.server, "listening");
    return way;
  }

  get origin() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
    this.agent.destroy();
  }

  async #carry(from, to) {
    try {
      const body = await read(from);
      const answer = from.url.endsWith("/SubmitFrame")
        ? await this.#carryFrame(from, body) : await this.#forward(from, body);
      if (answer) to.writeHead(answer.status, answer.headers).end(answer.body);
      else from.socket.destroy();
    } catch {
      from.socket.destroy(); // The phone gave the call up, or the gateway went.
    }
  }

  /** The answer as the phone gets it; undefined where it gets none. */
  async #carryFrame(from, body) {
    const { capture, sequence } = readFrame(body);
    const key = `${capture} ${sequence}`;
    const frame = this.frames.get(key) ?? new Frame(sequence);
    this.frames.set(key, frame);
    frame.sent++;
    const isFirst = frame.sent === 1;
    // Of this call of this frame, whatever else goes on meanwhile.
    const chance = randomFrom((this.seed << 20) ^ (sequence << 6) ^ frame.sent);
    if (chance() < this.shares.lost) {
      this.lost++;
      return undefined;
    }
    const isDoubled = chance() < this.shares.doubled;
    this.doubled += isDoubled;
    const answers = await Promise.all(
      Array.from({ length: isDoubled ? 2 : 1 }, () => this.#forward(from, body)));
    const codes = answers.map((answer) => judge(frame, answer));
    if (chance() < this.shares.answersLost) {
      this.answersLost++;
      return undefined;
    }
    if (codes[0] === OK) {
      frame.heard++;
      frame.heardAtFirst ||= isFirst;
    }
    return answers[0];
  }

  async #forward(from, body) {
    const { host, "content-length": _, connection: __, ...headers } = from.headers;
    const sent = request(GATEWAY + from.url,
      { method: from.method, agent: this.agent, headers: { ...headers, "content-length": body.length } });
    sent.end(body);
    const [answer] = await once(sent, "response");
    const { "transfer-encoding": ___, connection: ____, ...told } = answer.headers;
    return { status: answer.statusCode, headers: told, body: await read(answer) };
  }
}

async function read(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** Notes what the server did with a frame; the status of gRPC, or of HTTP where it has none. */
function judge(frame, { status, body }) {
  const { messages, trailers } = status === 200 ? readBody(body) : { messages: [], trailers: {} };
  const code = trailers["grpc-status"] ?? `HTTP ${status}`;
  if (code === OK) frame.taken.add(messages[0].toString("hex"));
  else frame.refused.push(trailers["imi-status"] ?? code);
  return code;
}
