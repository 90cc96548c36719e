// Statements that change something which lives as long as their session and not as long as their transaction.

/** White space and comments before the first word. */
const lead = String.raw`^(?:\s|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/)*`;
const begins = new RegExp(
  `${lead}(?:set(?!\\s+(?:local|constraints)\\b)|reset|discard|listen|unlisten|load|prepare|create\\s+(?:or\\s+replace\\s+)?(?:(?:global|local)\\s+)?temp(?:orary)?)\\b`,
  "i",
);
const contains = /\b(?:set_config\s*\(|into\s+temp(?:orary)?\b|pg_temp\b)/i;

/** Whether a statement leaves anything in its session: settings, temporary objects, prepared statements. Once too often costs a connection. */
export const leavesState = (statement: string): boolean => begins.test(statement) || contains.test(statement);
