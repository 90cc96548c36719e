// The process as the command line sees it, so that tests can bring another one.

export interface Stream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface Io {
  readonly stdin: { readonly isTTY?: boolean | undefined };
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly version: string;
  onSignal(signal: Signal, listener: () => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/**
 * Writes to a stream until it breaks: a closed pipe (`| head`) or terminal must not end a run between two statements.
 * @param broken called once, when the stream broke.
 */
export function lasting(stream: Stream, broken: () => void): (text: string) => void {
  let open = true;
  stream.on("error", () => {
    if (open) broken();
    open = false;
  });
  return (text) => {
    if (open && text !== "") stream.write(text);
  };
}
