// A new operation: its definition, its place in the two lists, a case of its corpus and its page.
import { addImport, camel, create, insert, pascal } from "./edit.mjs";

const definition = (name) => `// ${pascal(name)}: say here what it is for, and which problem of a live database it solves.
import type { OperationDefinition } from "./definition.ts";

export interface ${pascal(name)} {
  readonly kind: "${name}";
  readonly table: string;
}

export const ${camel(name)}: OperationDefinition<${pascal(name)}> = {
  kind: "${name}",
  summary: "say it in one line",
  read: (fields) => ({ kind: "${name}", table: fields.text("table") }),
  questions: () => [],
  check: () => [],
  effect: (_operation, world) => world.schema,
  changes: () => [],
};
`;

const page = (name) => `# ${name}

What it does, in one sentence.

\`\`\`ts
{ kind: "${name}", table: "users" }
\`\`\`

| phase | what happens | locks |
|---|---|---|
| expand | | |
| backfill | | |
| switch | | |
| retire | | |
| drop | | |

What it refuses, and why.
`;

export function operation(name) {
  create(`src/operations/${name}.ts`, definition(name));
  addImport("src/operations/operation.ts", `import type { ${pascal(name)} } from "./${name}.ts";`);
  insert("src/operations/operation.ts", ` | ${pascal(name)}`, { after: /export type Operation =/, before: /;/ });
  addImport("src/operations/index.ts", `import { ${camel(name)} } from "./${name}.ts";`);
  insert("src/operations/index.ts", `, ${camel(name)}`, { after: /const definitions = \[/, before: /,?\s*\] as const/ });
  create(
    `test/corpus/operations/${name}/basic/before.sql`,
    "create table users (id bigint primary key, name text);\ninsert into users select i, 'name ' || i from generate_series(1, 100) i;\n",
  );
  create(`test/corpus/operations/${name}/basic/migration.json`, `${JSON.stringify({ operations: [{ kind: name, table: "users" }] }, null, 2)}\n`);
  create(`docs/operations/${name}.md`, page(name));
}
