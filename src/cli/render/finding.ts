// Findings: the one shape that every check speaks in.
import type { Finding, Severity } from "../../app/contract.ts";
import { plural } from "../../plural.ts";
import { clean } from "./layout.ts";
import type { Style } from "./style.ts";

const order: readonly Severity[] = ["refuse", "warn", "note"];

function mark(severity: Severity, style: Style): string {
  switch (severity) {
    case "refuse":
      return style.red(`${style.symbols.bad} refused`);
    case "warn":
      return style.yellow(`${style.symbols.warn} warning`);
    case "note":
      return style.cyan("note");
  }
}

/** The worst first. */
export function findingLines(findings: readonly Finding[], style: Style): readonly string[] {
  const sorted = findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return sorted.flatMap(({ severity, rule, subject, message, fix, acceptable }) => [
    `${mark(severity, style)} ${style.bold(rule)} ${style.dim(`(${clean(`${subject.kind} ${subject.name}`)})`)}`,
    ...clean(message)
      .split("\n")
      .map((line) => `  ${line}`),
    ...(fix === undefined ? [] : [`  ${style.dim("do:")} ${clean(fix)}`]),
    ...(severity === "refuse" && acceptable ? [`  ${style.dim("or:")} accept: ["${rule}"] in the migration, if that is what you want`] : []),
  ]);
}

/** `1 refused, 2 warnings`; empty for none. */
export function findingSummary(findings: readonly Finding[]): string {
  const number = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const [refused, warned, noted] = [number("refuse"), number("warn"), number("note")];
  return [refused > 0 ? `${refused} refused` : "", warned > 0 ? plural(warned, "warning") : "", noted > 0 ? plural(noted, "note") : ""]
    .filter((text) => text !== "")
    .join(", ");
}
