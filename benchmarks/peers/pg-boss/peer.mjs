// pg-boss. Fast, by its documentation: several workers a process, each fetching batches, polling as often as it may (half a second),
// insert() to enqueue in bulk. A handler gets the batch and its jobs complete together.
import pg from "pg";
import PgBoss from "pg-boss";
import { remind, TOMORROW, waitForGo } from "../reminder.mjs";

const [, , what, workload] = process.argv;
const connectionString = process.env.DATABASE_URL;
const WORKERS = 8, BATCH = 100, AT_ONCE = 4;

const boss = new PgBoss({ connectionString, max: WORKERS + 2, supervise: what === "prepare", schedule: false });
boss.on("error", (error) => { console.error(error); });
await boss.start();
if (what === "prepare") {
  await boss.createQueue("remind");
  await boss.createQueue("pause");
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query("select id from auto_syncs order by started_at");
  for (let first = 0; first < rows.length; first += 1000) {
    await boss.insert(rows.slice(first, first + 1000).map(({ id }) => ({ name: "remind", data: { sync: id } })));
  }
  await client.end();
  await boss.stop({ graceful: false });
} else {
  const pool = new pg.Pool({ connectionString, max: WORKERS * AT_ONCE });
  await Promise.all((await Promise.all(Array.from({ length: WORKERS }, () => pool.connect()))).map((c) => c.release()));
  const one = async (job) => {
    const client = await pool.connect();
    try {
      const db = { executeSql: (text, values) => client.query(text, values) };
      await remind(client, job.data.sync, () => boss.send("pause", job.data, { startAfter: TOMORROW(), db }));
    } finally {
      client.release();
    }
  };
  const handle = async (jobs) => {
    if (workload === "empty") return;
    for (let first = 0; first < jobs.length; first += AT_ONCE) {
      await Promise.all(jobs.slice(first, first + AT_ONCE).map(one));
    }
  };
  await waitForGo();
  for (let n = 0; n < WORKERS; n += 1) {
    await boss.work("remind", { batchSize: BATCH, pollingIntervalSeconds: 0.5 }, handle);
  }
}
