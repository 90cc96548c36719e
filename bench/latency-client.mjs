// An application at a steady rate: the latency of each request counts from the moment it was due, so that a stall is not hidden.
import pg from "pg";

const [url, rowsText, rateText] = process.argv.slice(2);
const rows = Number(rowsText);
const rate = Number(rateText);
const pool = new pg.Pool({ connectionString: url, max: 20, application_name: "bench client" });
let read = [];
let write = [];
let failed = 0;
let errors = [];

const percentile = (values, share) => {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};

async function request(due) {
  const id = 1 + Math.floor(Math.random() * rows);
  const isRead = Math.random() < 0.8;
  try {
    if (isRead) await pool.query({ name: "read", text: "select id, name, email from people where id = $1", values: [id] });
    else await pool.query({ name: "write", text: "update people set name = $2 where id = $1", values: [id, `Grace Hopper ${id}`] });
  } catch (error) {
    failed += 1;
    errors.push(String(error));
  }
  (isRead ? read : write).push(performance.now() - due);
}

process.on("message", (message) => {
  if (message === "stop") process.exit(0);
  const of = (values) => ({ requests: values.length, p50: percentile(values, 0.5), p99: percentile(values, 0.99), max: percentile(values, 1) });
  process.send({ read: of(read), write: of(write), failed, errors: errors.slice(0, 3) });
  read = [];
  write = [];
});

await Promise.all(Array.from({ length: 20 }, () => pool.query("select 1")));
const begun = performance.now();
let sent = 0;
setInterval(() => {
  const owed = Math.floor(((performance.now() - begun) * rate) / 1000);
  for (; sent < owed; sent += 1) void request(begun + (sent * 1000) / rate);
}, 2);
