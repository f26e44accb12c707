// Reads {name: html} and writes what caniemail.com says email clients do not support: [name, level, client, feature, note].
import { readFileSync } from "node:fs";
import { caniemail } from "caniemail";

const clients = ["outlook.windows", "gmail.*", "apple-mail.*"];
const found = [];
for (const [name, html] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const { issues } = caniemail({ clients, html });
  for (const level of ["errors", "warnings"]) {
    for (const [client, each] of issues[level]) {
      for (const { title, notes } of each) {
        for (const note of notes.length ? notes : [""]) found.push([name, level, client, title, note]);
      }
    }
  }
}
process.stdout.write(JSON.stringify(found));
