// A worker's check of a signed statement in another language, with nothing but its own library.
// usage: node verify.mjs wire-vectors.json; prints a JSON object of vector names and callers.
import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const LEEWAY = 5;
const COVERED = new Set(["x-method", "x-path", "x-query", "x-replay"]);

function signed(key, data, signature) {
  if (key.kty === "oct") {
    const mine = createHmac("sha256", Buffer.from(key.k, "base64url")).update(data).digest();
    return mine.length === signature.length && timingSafeEqual(mine, signature);
  }
  return verify(null, Buffer.from(data), createPublicKey({ key, format: "jwk" }), signature);
}

function digest(message) {
  const hash = createHash("sha256").update(Buffer.from(message.body, "hex"));
  const names = Object.keys(message.headers)
    .filter((name) => COVERED.has(name) || /^x-(param|header)-/.test(name))
    .sort();
  for (const name of names) {
    const value = String(message.headers[name]);
    hash.update(`${Buffer.byteLength(name)}:${name} ${Buffer.byteLength(value)}:${value},`);
  }
  return hash.digest("base64url");
}

function callerOf({ message, keys, now }) {
  const { headers, properties } = message;
  const [head, payload, signature] = (headers["x-caller"] ?? "").split(".");
  if (!signature) throw new Error("unsigned");
  const { alg, kid, typ } = JSON.parse(Buffer.from(head, "base64url"));
  const key = keys.keys.find((one) => one.kid === kid);
  // The key says which algorithm it is for; the token only has to agree.
  if (typ !== "queuegate-caller+jwt" || alg !== { oct: "HS256", OKP: "EdDSA" }[key?.kty]) {
    throw new Error("another key");
  }
  if (!signed(key, `${head}.${payload}`, Buffer.from(signature, "base64url"))) {
    throw new Error("another signature");
  }
  const said = JSON.parse(Buffer.from(payload, "base64url"));
  if (said.exp + LEEWAY < now || said.iat - LEEWAY > now) throw new Error("another time");
  const operation = headers["x-operation"];
  const same = said.iss === "queuegate" && said.aud === operation.split(".")[0] &&
    said.op === operation && (said.route ?? "") === (headers["x-route"] ?? "");
  if (!same) throw new Error("another operation");
  if (said.jti && (said.jti !== properties.message_id || said.sha256 !== digest(message))) {
    throw new Error("another call");
  }
  const { sub: id, address, scopes, groups, roles } = said;
  return { id, address, scopes, groups, roles };
}

const { vectors } = JSON.parse(readFileSync(process.argv[2]));
const told = {};
for (const vector of vectors.filter((one) => one.kind.endsWith("statement"))) {
  try {
    told[vector.name] = callerOf(vector);
  } catch (error) {
    told[vector.name] = error.message;
  }
}
console.log(JSON.stringify(told));
