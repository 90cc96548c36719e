// An application at a steady rate: the latency of each request counts from the moment it was due, so that a stall is not hidden.
import mysql from "mysql2/promise";
import pg from "pg";

const [url, rowsText, rateText] = process.argv.slice(2);
const rows = Number(rowsText);
const rate = Number(rateText);
const connections = 20;
let read = [];
let write = [];
let failed = 0;
let errors = [];

/** Statements of an application that names its columns, prepared once for each connection. */
function openPostgres() {
  const pool = new pg.Pool({ connectionString: url, max: connections, application_name: "bench client" });
  return (text, values) => {
    let n = 0;
    const numbered = text.replaceAll("?", () => {
      n += 1;
      return `$${n}`;
    });
    return pool.query({ name: numbered, text: numbered, values });
  };
}

function openMariadb() {
  const pool = mysql.createPool({ uri: url, connectionLimit: connections });
  return (text, values) => pool.execute(text, values);
}

const query = url.startsWith("postgres") ? openPostgres() : openMariadb();

const percentile = (values, share) => {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};

/** What this version of the application calls the column. */
let column = "email";
/** How many requests are under way by the column that they name. */
const underWay = { email: 0, address: 0 };

async function request(due) {
  const id = 1 + Math.floor(Math.random() * rows);
  const [kind, other] = [Math.random(), column];
  const isRead = kind < 0.8;
  underWay[other] += 1;
  try {
    if (isRead) await query(`select id, name, ${other} from people where id = ?`, [id]);
    else if (kind < 0.9) await query("update people set name = ? where id = ?", [`Grace Hopper ${id}`, id]);
    else await query(`update people set ${other} = ? where id = ?`, [`grace${id}@example.org`, id]);
  } catch (error) {
    failed += 1;
    errors.push(String(error));
  }
  underWay[other] -= 1;
  (isRead ? read : write).push(performance.now() - due);
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

process.on("message", async (message) => {
  if (message === "stop") process.exit(0);
  if (message === "old" || message === "new") {
    const before = column;
    column = message === "old" ? "email" : "address";
    while (underWay[before] > 0) await sleep(5);
    process.send(message);
    return;
  }
  const of = (values) => ({ requests: values.length, p50: percentile(values, 0.5), p99: percentile(values, 0.99), max: percentile(values, 1) });
  process.send({ read: of(read), write: of(write), failed, errors: errors.slice(0, 3) });
  read = [];
  write = [];
  failed = 0;
  errors = [];
});

await Promise.all(Array.from({ length: connections }, () => query("select 1", [])));
const begun = performance.now();
let sent = 0;
setInterval(() => {
  const owed = Math.floor(((performance.now() - begun) * rate) / 1000);
  for (; sent < owed; sent += 1) void request(begun + (sent * 1000) / rate);
}, 2);
