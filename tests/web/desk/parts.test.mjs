// Framing and messages of the computer's page, and how it follows through a bad network: against
// a server that answers what a test says.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";

const { IMI_OUT } = process.env;
const { FrameReader, decodeNews, encodeRequest, statusOf } = await import(join(IMI_OUT, "wire.mjs"));
const { follow } = await import(join(IMI_OUT, "follow.mjs"));

const SESSION = "ses_" + "A".repeat(22), SECRET = "b".repeat(43);
const EXPIRES_MS = 1_795_000_000_123;
const WAITING = 1, JOINED = 2, DONE = 6, REVIEW = 7, EXPIRED = 8, WITHDRAWN = 9;
const OK = 0, DEADLINE = 4, UNAUTHENTICATED = 16, UNAVAILABLE = 14;

function varint(value) {
  const bytes = [];
  let left = BigInt(value);
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return [...bytes, Number(left)];
}

const text = (number, value) => {
  const bytes = Buffer.from(value);
  return [...varint(number << 3 | 2), ...varint(bytes.length), ...bytes];
};

const news = (step, receipt = "") => Buffer.from(
  [8, step, 16, ...varint(EXPIRES_MS), ...(receipt ? text(3, receipt) : [])]);

function frame(payload, flags = 0) {
  const header = Buffer.alloc(5);
  header[0] = flags;
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

const end = (status) => frame(Buffer.from(`grpc-status: ${status}\r\nimi-status: x\r\n`), 0x80);

/** A server; each request takes the next answer: a list of pieces, or how to answer. */
async function serving(answers, walk) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    asked.push({ path: request.url, headers: request.headers, body: Buffer.concat(parts) });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (typeof answer === "function") return answer(request, response);
    response.writeHead(200, { "content-type": "application/grpc-web+proto" });
    for (const piece of answer) response.write(piece);
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await walk({ origin: `http://127.0.0.1:${server.address().port}`, sessionId: SESSION, secret: SECRET }, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** What is told until the predicate holds, and quiet behind it for so long. */
function heard(link, isLast, quietMs = 0) {
  return new Promise((resolve) => {
    const told = [];
    const stop = follow(link, (one) => {
      told.push(typeof one === "string" ? one : one.step);
      if (isLast(one)) setTimeout(() => { stop(); resolve(told); }, quietMs);
    });
  });
}

const is = (step) => (one) => one === step || one.step === step;

// ---- Frames and messages

test("frames are the same however the network cuts them", () => {
  const whole = Buffer.concat([frame(news(WAITING)), frame(news(JOINED)), end(OK)]);
  for (let size = 1; size <= whole.length; size++) {
    const reader = new FrameReader();
    const frames = [];
    for (let at = 0; at < whole.length; at += size) frames.push(...reader.take(whole.subarray(at, at + size)));
    assert.deepEqual(frames.map(({ isEnd }) => isEnd), [false, false, true]);
    assert.equal(decodeNews(frames[1].payload).step, "phone_joined");
    assert.equal(statusOf(frames[2].payload), OK);
  }
});

test("a frame that claims to be huge is refused before it is kept", () => {
  assert.throws(() => new FrameReader().take(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff])));
  assert.throws(() => new FrameReader().take(Buffer.from([0, 0xff, 0xff, 0xff, 0xff])));
});

test("a message holds step, time and receipt", () => {
  assert.deepEqual(decodeNews(news(DONE, '{"收据":1}')),
    { step: "done", expiresAtMs: EXPIRES_MS, receipt: '{"收据":1}' });
  assert.deepEqual(decodeNews(Buffer.alloc(0)), { step: "unspecified", expiresAtMs: 0, receipt: "" });
});

test("what a later server adds is passed over", () => {
  const more = Buffer.concat([news(JOINED), Buffer.from([...text(9, "new"), 10 << 3, 5])]);
  assert.equal(decodeNews(more).step, "phone_joined");
  assert.equal(decodeNews(news(77)).step, "unspecified");
});

test("messages that are cut or no messages throw, and none runs on for ever", () => {
  const whole = news(DONE, "receipt");
  const bad = [[8], [0x1a, 5, 1], [0x1a, 0xff, 0xff, 0xff, 0xff, 0x7f], Array(40).fill(0xff), [0x0b], [0x0d, 1]];
  for (const bytes of bad) assert.throws(() => decodeNews(Buffer.from(bytes)), `${bytes}`);
  for (let size = 0; size < whole.length; size++) {
    try {
      decodeNews(whole.subarray(0, size));
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  }
});

test("trailers without a status are a failure", () => {
  assert.equal(statusOf(Buffer.from("grpc-status:16\r\n")), 16);
  assert.equal(statusOf(Buffer.from("x-grpc-status: 0\r\n")), 2);
  assert.equal(statusOf(Buffer.from("")), 2);
});

test("the request names session and secret in its body, and nowhere else", async () => {
  await serving([[frame(news(EXPIRED)), end(OK)]], async (link, asked) => {
    await heard(link, is("expired"));
    const [{ path, headers, body }] = asked;
    assert.equal(path, "/imi.v1.SubjectService/FollowSession");
    assert.equal(headers["content-type"], "application/grpc-web+proto");
    assert.equal(headers.authorization, undefined);
    assert.ok(!JSON.stringify([path, headers]).includes(SECRET));
    assert.deepEqual(body, frame(Buffer.from([...text(1, SESSION), ...text(2, SECRET)])));
    assert.deepEqual(body, Buffer.from(encodeRequest(SESSION, SECRET)));
  });
});

// ---- Following

test("steps are told until it is over, and then nothing is asked any more", async () => {
  await serving([[frame(news(WAITING)), frame(news(JOINED)), frame(news(WITHDRAWN)), end(OK)]],
    async (link, asked) => {
      assert.deepEqual(await heard(link, is("withdrawn"), 1500), ["waiting_for_phone", "phone_joined", "withdrawn"]);
      assert.equal(asked.length, 1);
    });
});

test("a stream that has reached its time is asked for anew, without a word", async () => {
  await serving([[frame(news(WAITING)), end(DEADLINE)], [frame(news(JOINED)), frame(news(WITHDRAWN)), end(OK)]],
    async (link) => {
      assert.deepEqual(await heard(link, is("withdrawn")), ["waiting_for_phone", "phone_joined", "withdrawn"]);
    });
});

test("a receipt that is not there yet is asked for until it is", async () => {
  for (const [step, name] of [[DONE, "done"], [REVIEW, "staff_review"]]) {
    const none = [frame(news(step)), end(OK)];
    await serving([none, none, [frame(news(step, "{}")), end(OK)]], async (link, asked) => {
      assert.deepEqual(await heard(link, ({ receipt }) => receipt === "{}", 1500), [name, name, name]);
      assert.equal(asked.length, 3);
    });
  }
});

test("a wrong secret is told and not tried again", async () => {
  await serving([[end(UNAUTHENTICATED)]], async (link, asked) => {
    assert.deepEqual(await heard(link, is("refused"), 1500), ["refused"]);
    assert.equal(asked.length, 1);
  });
});

test("a session that is over stays so when its time has passed", async () => {
  await serving([[frame(news(DONE)), end(OK)], [end(UNAUTHENTICATED)]], async (link) => {
    assert.deepEqual(await heard(link, is("done"), 2500), ["done"]);
  });
});

test("one failure is passed over, more are told, and it goes on by itself", async () => {
  const cut = (_, response) => response.destroy();
  const busy = (_, response) => response.writeHead(429).end();
  await serving([[frame(news(WAITING)), end(UNAVAILABLE)], cut, busy,
    [frame(news(JOINED)), frame(news(WITHDRAWN)), end(OK)]], async (link, asked) => {
    assert.deepEqual(await heard(link, is("withdrawn")),
      ["waiting_for_phone", "away", "away", "phone_joined", "withdrawn"]);
    assert.equal(asked.length, 4);
  });
});

test("nonsense counts as a failure", async () => {
  const nonsense = [Buffer.from("<html>captive portal</html>".repeat(4))];
  await serving([nonsense, nonsense, [frame(news(EXPIRED)), end(OK)]], async (link) => {
    assert.deepEqual(await heard(link, is("expired")), ["away", "expired"]);
  });
});

test("who stops hears nothing more, and the stream is let go", async () => {
  let gone;
  const left = new Promise((resolve) => { gone = resolve; });
  const open = (request, response) => {
    response.writeHead(200).write(frame(news(WAITING)));
    response.on("close", gone);
  };
  await serving([open], async (link) => {
    assert.deepEqual(await heard(link, is("waiting_for_phone")), ["waiting_for_phone"]);
    await left;
  });
});
