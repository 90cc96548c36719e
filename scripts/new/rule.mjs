// A new rule: its file, its place in the list, and the page that explains it.
import { addImport, camel, create, insert, isThere } from "./edit.mjs";

const list = "src/lint/rules/index.ts";

const definition = (name) => `// ${name}: say here which harm it sees coming.
import type { Rule } from "../rule.ts";

export const ${camel(name)}: Rule = {
  rule: "${name}",
  summary: "say it in one line",
  check: () => [],
};
`;

const page = (name) => `# ${name}

What goes wrong, on which version, and for whom.

## What to do

The safe form, ready to be copied.

## When to accept it

When it is right all the same: \`accept: ["${name}"]\` in the migration.
`;

export function rule(name) {
  create(`docs/findings/${name}.md`, page(name));
  // Until the lint room is there, a rule is a page and the place that reports it.
  if (!isThere(list)) return console.log(`${list} is not there yet; report the finding where it is found`);
  create(`src/lint/rules/${name}.ts`, definition(name));
  addImport(list, `import { ${camel(name)} } from "./${name}.ts";`);
  insert(list, `, ${camel(name)}`, { after: /rules[^=]*= \[/, before: /,?\s*\];/ });
}
