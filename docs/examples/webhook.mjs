// A webhook receiver in Node, without packages: checks each call, then prints its event.
// usage: webhook.mjs SECRET_FILE [PORT]
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const secrets = readFileSync(process.argv[2], "utf8").trim().split(/\s+/)
  .map((line) => Buffer.from(line.slice("whsec_".length), "base64"));
const toleranceS = 300;
const bodyMax = 65536;
const seen = new Set(); // yours: a table with a unique column, as this one forgets

function isRight(headers, body) {
  const id = headers["webhook-id"], sent = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(sent)) <= toleranceS)) return false;
  const given = String(headers["webhook-signature"]).split(" ").map((one) => Buffer.from(one));
  return secrets.some((secret) => {
    const mac = createHmac("sha256", secret).update(`${id}.${sent}.`).update(body);
    const right = Buffer.from("v1," + mac.digest("base64"));
    return given.some((one) => one.length === right.length && timingSafeEqual(one, right));
  });
}

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) {
    parts.push(part);
    if (parts.reduce((sum, one) => sum + one.length, 0) > bodyMax) return request.destroy();
  }
  const body = Buffer.concat(parts);
  if (!isRight(request.headers, body)) return response.writeHead(401).end();
  const id = request.headers["webhook-id"];
  if (!seen.has(id)) {
    seen.add(id);
    const event = JSON.parse(body);
    // Now ask GetSession for the result and its token; the call itself has neither.
    console.log(event.type, event.data.session_id);
  }
  response.writeHead(204).end();
}).listen(Number(process.argv[3] ?? 8080), "127.0.0.1", () => console.log("ready"));
