// What the harness makes for a test, made for a part of one, or for one of several tests that run at once.
import type { TestContext } from "vitest";

type Part = Pick<TestContext, "task" | "onTestFinished">;

/** What was made for the part is taken away when it ends, the last first; after a failure too, since what is left open is in the way of the tests behind. */
export async function asPart<T>(work: (part: Part) => Promise<T>): Promise<T> {
  const finishers: (() => unknown)[] = [];
  const task = { result: { state: "pass" } };
  const part = { task, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as unknown as Part;
  try {
    return await work(part);
  } catch (error) {
    task.result.state = "fail";
    throw error;
  } finally {
    for (const finish of finishers.toReversed()) await finish();
  }
}
