// What a run tells while it is carried, as the events that a use case reports.
import type { Finding } from "../finding.ts";
import type { Plan } from "../plan/plan.ts";
import type { News } from "../run/tools.ts";
import type { Phase } from "../step/phase.ts";
import type { RunEvent as Journalled } from "../store/event.ts";
import type { AppContext, Direction, PhaseView, RunEvent, RunView, StepView } from "./contract.ts";

type Unsaid<E> = E extends unknown ? Omit<E, "at" | "run"> : never;
type Said = Unsaid<RunEvent>;

/** A step of the plan, or an act of its undo, by id. */
export function stepsById(plan: Plan): ReadonlyMap<string, Omit<StepView, "attempt">> {
  return new Map(
    plan.steps.flatMap((step): [string, Omit<StepView, "attempt">][] => [
      [step.id, { id: step.id, title: step.title, phase: step.phase, direction: "forward" }],
      ...step.undo.map((core): [string, Omit<StepView, "attempt">] => [core.id, { id: core.id, title: core.title, phase: step.phase, direction: "back" }]),
    ]),
  );
}

/** An act under way: who began it and when, by our clock. */
interface Begun {
  readonly view: StepView;
  readonly at: number;
  rows: number | null;
}

export class Teller {
  private readonly listener: AppContext["report"];
  private run: string | null = null;
  private plan: Plan | null = null;
  private steps: ReadonlyMap<string, Omit<StepView, "attempt">> = new Map();
  private phase: string | null = null;
  private begun: Begun | null = null;
  /** Walks that only look: the server counts what is changed, so they have no number of rows. */
  private looking: ReadonlySet<string> = new Set();

  constructor(listener: AppContext["report"]) {
    this.listener = listener;
  }

  /** From here on it speaks of this run. */
  follow(run: number, plan: Plan): void {
    this.run = String(run);
    this.plan = plan;
    this.steps = stepsById(plan);
    this.looking = new Set(
      plan.steps.flatMap((step) => [step, ...step.undo]).flatMap(({ id, act }) => (act.kind === "batches" && act.apply === null ? [id] : [])),
    );
    this.phase = null;
    this.begun = null;
  }

  opened(rail: readonly PhaseView[]): void {
    this.say({ event: "opened", migrations: this.names(), rail });
  }

  resumed(rail: readonly PhaseView[], message: string): void {
    this.say({ event: "resumed", migrations: this.names(), rail, message });
  }

  ended({ id, state, position }: RunView): void {
    // One that was closed before it could be taken was never followed.
    this.run = id;
    this.say({ event: "ended", state, position });
  }

  finding(finding: Finding): void {
    this.say({ event: "finding", finding });
  }

  note(message: string): void {
    this.say({ event: "note", message });
  }

  tell(news: News): void {
    if (news.kind === "event") this.journalled(news.event);
    else if (news.kind === "progress") {
      if (this.begun?.view.id !== news.step) return;
      this.begun.rows = news.progress.rowsDone;
      const { doing: _, ...progress } = news.progress;
      this.say({ event: "progress", step: this.begun.view, progress });
    } else {
      const { kind: _, step, holder, what, ...waiting } = news;
      const text = holder === null ? what : `${what}, which ${holder.name} (pid ${holder.pid}) is carrying`;
      this.say({ event: "waiting", step: step === null ? null : this.viewOf(step), waiting: { ...waiting, what: text } });
    }
  }

  private names(): readonly string[] {
    return this.plan?.migrations.map(({ name }) => name) ?? [];
  }

  private say(said: Said): void {
    this.listener({ at: new Date().toISOString(), run: this.run, ...said } as RunEvent);
  }

  private viewOf(id: string, attempt = this.begun?.view.id === id ? this.begun.view.attempt : 1): StepView | null {
    const step = this.steps.get(id);
    return step === undefined ? null : { ...step, attempt };
  }

  private begin(id: string, attempt: number): void {
    const view = this.viewOf(id, attempt);
    if (view === null) return;
    const phase = `${view.phase} ${view.direction}`;
    if (this.phase !== phase) this.say({ event: "phase", phase: view.phase, direction: view.direction, state: "begun" });
    this.phase = phase;
    this.begun = { view, at: performance.now(), rows: null };
    this.say({ event: "step", step: view, state: "begun", ms: null, rows: null, message: null });
  }

  private end(id: string, state: "done" | "failed", ms: number | null, message: string | null): void {
    const view = this.viewOf(id);
    if (view === null) return;
    const begun = this.begun?.view.id === id ? this.begun : null;
    this.say({
      event: "step",
      step: view,
      state,
      ms: ms ?? (begun && Math.round(performance.now() - begun.at)),
      rows: this.looking.has(id) ? null : (begun?.rows ?? null),
      message,
    });
  }

  private endPhase(phase: Phase, direction: Direction): void {
    if (this.plan?.steps.some((step) => step.phase === phase)) this.say({ event: "phase", phase, direction, state: "done" });
    if (phase === "backfill" && direction === "forward" && this.plan?.mode === "phased") this.say({ event: "ready" });
  }

  private journalled(event: Journalled): void {
    switch (event.kind) {
      case "started":
      case "undo-started":
        this.begin(event.step, event.attempt);
        break;
      case "done":
      case "undo-done":
        this.end(event.step, "done", event.ms, event.found ? "found done" : null);
        break;
      case "failed":
        this.end(event.step, "failed", null, event.message);
        break;
      case "phase-done":
        this.endPhase(event.phase, "forward");
        break;
      case "phase-undone":
        this.endPhase(event.phase, "back");
        break;
      case "taken-over":
        this.note(`Taken over from ${event.from}, who had gone silent.`);
        break;
      default:
      // Told otherwise, or of no interest to people.
    }
  }
}
