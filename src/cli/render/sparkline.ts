// Latencies as a row of bars.
import type { Style } from "./style.ts";

/** Where each next bar begins, ms. Doubling, so that a stall and a hiccup can both be seen; fixed, so that bars can be compared. */
const steps = [3, 6, 12, 25, 50, 100, 200];
const bars = { unicode: [..."▁▂▃▄▅▆▇█"], ascii: [..."_.:-=+*#"] };

/** Half a blink is a hiccup, half a second a complaint. */
const slowMs = 150;
const stalledMs = 500;

/** One bar for each value, the newest last; a dot where there is none. */
export function sparkline(values: readonly (number | null)[], style: Style): string {
  const all = style.symbols.full === "#" ? bars.ascii : bars.unicode;
  return values
    .map((ms) => {
      if (ms === null) return style.dim("·");
      const bar = all[steps.filter((step) => ms >= step).length] ?? "";
      return ms >= stalledMs ? style.red(bar) : ms >= slowMs ? style.yellow(bar) : style.green(bar);
    })
    .join("");
}
