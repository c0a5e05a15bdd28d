// Golden deliveries: bodies of our own, signed by the libraries that senders use.
// `node vectors.mjs` prints the JSON that is committed as
// clerk/webhook/testdata/vectors.json. Nothing in it depends on time or chance.
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import * as standard from "standardwebhooks";
import * as svix from "svix";

const version = (name) => createRequire(import.meta.url)(`./node_modules/${name}/package.json`).version;

const libraries = [
  { name: `standardwebhooks@${version("standardwebhooks")}`, prefix: "webhook-", make: (secret) => new standard.Webhook(secret) },
  { name: `svix@${version("svix")}`, prefix: "svix-", make: (secret) => new svix.Webhook(secret) },
];

// Secrets of the smallest, the usual and the largest size of Standard Webhooks 1.0.0.
const secret = (bytes, seed) => "whsec_" + Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 37 + seed) % 256)).toString("base64");
const small = secret(24, 1);
const usual = secret(32, 2);
const large = secret(64, 3);

const event = (type, data, more) =>
  JSON.stringify({
    data,
    event_attributes: { http_request: { client_ip: "192.0.2.7", user_agent: "Mozilla/5.0 (golden)" } },
    instance_id: "ins_golden",
    object: "event",
    timestamp: 1767225600123,
    type,
    ...more,
  });

const user = { id: "user_golden", object: "user", first_name: "Ada" };
const bodies = {
  plain: event("user.created", user),
  "several secrets": event("user.updated", user),
  "timestamp in seconds": event("user.deleted", { id: "user_golden", object: "user", deleted: true }, { timestamp: 1767225600 }),
  "no attributes": JSON.stringify({ type: "session.ended", data: { id: "sess_golden" } }),
  "unknown type": event("comet.sighted", { id: "comet_golden" }),
  "beyond ASCII": event("user.created", { ...user, first_name: "Žofie 张伟 👩‍🚀", note: "a\u0000b\u2028c" }),
  "white space": JSON.stringify(JSON.parse(event("role.created", { id: "role_golden" })), null, "\t") + "\r\n",
  "8 KiB": event("organization.updated", { id: "org_golden", public_metadata: { text: "0123456789abcdef".repeat(512) } }),
};

function vector(name, library, secrets, id, timestamp, body) {
  const at = new Date(timestamp * 1000);
  const signature = secrets.map((s) => library.make(s).sign(id, at, body)).join(" ");
  // A third opinion: both libraries share their arithmetic.
  const check = secrets.map((s) => "v1," + createHmac("sha256", Buffer.from(s.slice(6), "base64")).update(`${id}.${timestamp}.${body}`).digest("base64")).join(" ");
  if (check !== signature) throw new Error(`${name}: ${library.name} and node:crypto disagree`);
  return {
    name,
    source: `${library.name} Webhook.sign`,
    secrets,
    id,
    timestamp,
    header: { [`${library.prefix}id`]: id, [`${library.prefix}timestamp`]: String(timestamp), [`${library.prefix}signature`]: signature },
    body,
  };
}

const vectors = [];
for (const [name, body] of Object.entries(bodies)) {
  for (const library of libraries) {
    const secrets = name === "several secrets" ? [large, small] : [name === "plain" ? small : usual];
    vectors.push(vector(`${name} (${library.name})`, library, secrets, `msg_golden${vectors.length}`, 1767225601 + vectors.length, body));
  }
}
console.log(JSON.stringify({ explanation: "Deliveries signed by other libraries. Made by internal/conformance/webhookjs/vectors.mjs.", vectors }, null, 2));
