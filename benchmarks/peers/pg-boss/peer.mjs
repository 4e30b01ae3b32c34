// pg-boss. Fast, by its documentation: several workers a process, each fetching a large batch and fetching again at once while
// batches come full; `transactional`, so that a batch's writes and its completion are one transaction; insert() enqueues in bulk,
// the follow-ups of a batch too. What fails in such a batch fails all of it: that is the price of its speed.
import pg from "pg";
import { PgBoss } from "pg-boss";
import { TOMORROW, waitForGo, writeReminder } from "../reminder.mjs";

const [, , what, workload] = process.argv;
const connectionString = process.env.DATABASE_URL;
const WORKERS = 4, BATCH = 250;

// A transactional worker holds a connection while it works; fetching and the rest need some beside them.
const boss = new PgBoss({ connectionString, max: 2 * WORKERS + 2, supervise: what === "prepare", schedule: false });
boss.on("error", (error) => { console.error(error); });
await boss.start();
if (what === "prepare") {
  await boss.createQueue("remind");
  await boss.createQueue("pause");
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query("select id from auto_syncs order by started_at");
  for (let first = 0; first < rows.length; first += 1000) {
    await boss.insert("remind", rows.slice(first, first + 1000).map(({ id }) => ({ data: { sync: id } })));
  }
  await client.end();
  await boss.stop({ graceful: false });
} else {
  const handle = async (jobs, tx) => {
    if (workload === "empty") return;
    // It hands the statement on to `pg` as it is, so that a named one is prepared once a connection.
    const client = { query: (statement) => tx.executeSql(statement, statement.values) };
    const reminded = [];
    for (const job of jobs) {
      if (await writeReminder(client, job.data.sync)) reminded.push(job);
    }
    await boss.insert("pause", reminded.map(({ data }) => ({ data, startAfter: TOMORROW() })), { db: tx });
  };
  await waitForGo();
  await boss.work("remind", {
    localConcurrency: WORKERS, batchSize: BATCH, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5,
    transactional: workload !== "empty",
  }, handle);
}
