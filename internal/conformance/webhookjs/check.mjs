// Reads deliveries and clerkkit's verdicts, as JSON lines from `go run .`, and
// asks the npm libraries about each:
//   what Signer signed must verify in every library;
//   what clerkkit accepts, all of them must accept: never more permissive.
// What only clerkkit refuses is counted by kind: those are its stricter readings.
import { createInterface } from "node:readline";
import * as standard from "standardwebhooks";
import * as svix from "svix";

// The official Clerk SDK hands svix-… values to standardwebhooks under the names it knows.
const renamed = (header) => Object.fromEntries(Object.entries(header).map(([k, v]) => [k.replace("svix-", "webhook-"), v]));

const libraries = {
  standardwebhooks: (secret, d) => new standard.Webhook(secret).verify(d.body, renamed(d.header)),
  svix: (secret, d) => new svix.Webhook(secret).verify(d.body, d.header),
};

let deliveries = 0;
let accepted = 0;
const failures = [];
const stricter = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const d = JSON.parse(line);
  deliveries++;
  if (d.accepted) accepted++;
  if (d.genuine && !d.accepted) failures.push(`${d.kind}: clerkkit refuses what it signed`);
  for (const [name, verify] of Object.entries(libraries)) {
    const theirs = d.secrets.some((secret) => {
      try {
        verify(secret, d);
        return true;
      } catch {
        return false;
      }
    });
    if (d.accepted && !theirs) failures.push(`${d.kind}: clerkkit accepts, ${name} refuses: ${line}`);
    if (!d.accepted && theirs) stricter.set(d.kind, (stricter.get(d.kind) ?? 0) + 1);
  }
}
if (deliveries === 0 || accepted === 0) failures.push("nothing was compared");
for (const [kind, n] of [...stricter].sort()) console.log(`stricter here: ${kind} (${n} verdicts)`);
console.log(`${deliveries} deliveries, ${accepted} accepted here and there, ${failures.length} disagreements`);
if (failures.length > 0) {
  console.error(failures.slice(0, 10).join("\n"));
  process.exit(1);
}
