// npm run new -- operation|rule|command NAME: writes the files of a new one and adds it to its list.
import { newCommand } from "./new/command.mjs";
import { finish } from "./new/edit.mjs";
import { operation } from "./new/operation.mjs";
import { rule } from "./new/rule.mjs";

const kinds = { operation, rule, command: newCommand };
const [kind, name] = process.argv.slice(2);

if (!Object.hasOwn(kinds, kind ?? "") || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name ?? "")) {
  console.error(`usage: npm run new -- ${Object.keys(kinds).join("|")} name-in-kebab-case`);
  process.exit(1);
}
kinds[kind](name);
finish();
