// Reads one setting's value: what was written in, what it means out, or what it should have been.

/** Says what a value must be; no value of a setting is one. */
export class Wanted {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Read<T> = (value: unknown) => T | Wanted;

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** A time such as `200ms`, `3s`, `10m`, `2h`; with `bare`, a number alone is milliseconds. */
export function duration({ least, most, bare }: { readonly least: number; readonly most: number; readonly bare: boolean }): Read<number> {
  const wanted = new Wanted(
    `must be a time from ${written(least)} to ${written(most)}, such as "${written(Math.min(most, least * 20))}"${bare ? "" : ", with its unit"}`,
  );
  return (value) => {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?$/.exec(String(value).trim());
    if ((typeof value !== "string" && typeof value !== "number") || !match || (match[2] === undefined && !bare)) return wanted;
    const ms = Number(match[1]) * (milliseconds[match[2] ?? "ms"] ?? 1);
    return ms >= least && ms <= most ? ms : wanted;
  };
}

/** The shortest way to write a time that reads back as the same. */
export function written(ms: number): string {
  const unit = ["h", "m", "s"].find((each) => ms !== 0 && ms % milliseconds[each]! === 0) ?? "ms";
  return `${ms / milliseconds[unit]!}${unit}`;
}

export const count: Read<number> = (value) => {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 1 ? number : new Wanted("must be a whole number from 1");
};

export const text: Read<string> = (value) => (typeof value === "string" && value.trim() !== "" ? value : new Wanted("must be a text"));

/** A list of texts; from the environment, names parted by commas. */
export const texts: Read<readonly string[]> = (value) => {
  const list = typeof value === "string" ? value.split(",").map((item) => item.trim()) : value;
  return Array.isArray(list) && list.every((item) => typeof item === "string" && item !== "") ? list : new Wanted("must be a list of names");
};

const schemes = ["postgres", "postgresql", "mysql", "mariadb"];

/** Only the scheme is looked at: the driver knows what else its server takes. The value is never repeated, for it may hold a password. */
export const databaseUrl: Read<string> = (value) => {
  const scheme = typeof value === "string" ? /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase() : undefined;
  return scheme !== undefined && schemes.includes(scheme)
    ? (value as string)
    : new Wanted(`must be a URL that begins with ${schemes.map((each) => `${each}://`).join(", ")}`);
};

/** A list of URLs; from the environment, parted by commas. */
export const databaseUrls: Read<readonly string[]> = (value) => {
  const list = texts(value);
  return list instanceof Wanted || list.some((each) => databaseUrl(each) instanceof Wanted) ? new Wanted("must be a list of database URLs") : list;
};
