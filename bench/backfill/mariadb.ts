import type { Words } from "./words.ts";

export const mariadb: Words = {
  text: "varchar(200)",
  people: (name, rows) => [
    `create table ${name} (id bigint auto_increment primary key, name varchar(200) not null, email varchar(200) not null, created_at datetime not null default current_timestamp)`,
    `insert into ${name} (name, email) select concat('Ada Lovelace ', seq), concat('ada', seq, '@example.org') from seq_1_to_${rows}`,
    `analyze table ${name}`,
  ],
  bounds: { after: "`id` > 500000", upto: "`id` <= 510000" },
  scans: "fullScansInBatchPlans",
  // A derived table is what the bound reads its page twice from.
  countScans: (lines) => lines.filter(({ type, table }) => (type === "ALL" || type === "index") && !String(table ?? "").startsWith("<")).length,
};
