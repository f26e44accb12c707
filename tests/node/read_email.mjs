// Reads {name: email as base64} and writes what postal-mime reads in each: {name: {subject, from, text, html, headers}}.
import { readFileSync } from "node:fs";
import PostalMime from "postal-mime";

const found = {};
for (const [name, raw] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const { subject, from, text, html, headers } = await PostalMime.parse(Buffer.from(raw, "base64"));
  found[name] = { subject, from, text, html, headers };
}
process.stdout.write(JSON.stringify(found));
