// A new command: its words, its use case with options and result, its place in the lists, and its page.
import { addImport, camel, create, insert, pascal } from "./edit.mjs";

const command = (name) => `// hotstick ${name}: say here what it is for, and whether it changes anything.
import type { ${pascal(name)}Result } from "../../app/contract.ts";
import type { Command } from "../command.ts";

export const ${camel(name)}: Command<${pascal(name)}Result> = {
  name: "${name}",
  summary: "say in one line what it does",
  arguments: [],
  options: [],
  interrupt: "stop",
  empty: { next: null },
  run: async (context, _args, { useCase }) => (await useCase("${camel(name)}"))(context, {}),
  text: () => "",
};
`;

const useCase = (name) => `// Say here what ${name} does, step by step.
import type { AppContext, ${pascal(name)}Result } from "./contract.ts";

export async function ${camel(name)}(_context: AppContext, _options: Record<never, never>): Promise<${pascal(name)}Result> {
  return { next: null };
}
`;

export function newCommand(name) {
  create(`src/cli/commands/${name}.ts`, command(name));
  addImport("src/cli/commands/index.ts", `import { ${camel(name)} } from "./${name}.ts";`);
  insert("src/cli/commands/index.ts", `, ${camel(name)}`, { after: /commands: readonly AnyCommand\[\] = \[/, before: /,?\s*\];/ });
  create(`src/app/${name}.ts`, useCase(name));
  insert("src/app/contract.ts", `export interface ${pascal(name)}Result {\n  readonly next: NextCommand | null;\n}\n\n`, {
    after: /./,
    before: /\/\*\* What a caller brings/,
  });
  insert("src/app/contract.ts", `  ${camel(name)}(context: AppContext, options: Record<never, never>): Promise<${pascal(name)}Result>;\n`, {
    after: /export interface UseCases/,
    before: /^\}/m,
  });
  insert("src/cli/use-cases.ts", `  ${camel(name)}: async () => (await import("../app/${name}.ts")).${camel(name)},\n`, {
    after: /const loaders/,
    before: /^\};/m,
  });
  create(`docs/commands/${name}.md`, `# hotstick ${name}\n\nWhat it does, what it prints, its exit codes, and an example.\n`);
}
