// graphile-worker. Fast, by its documentation on performance: concurrentJobs above the number of processors and a pool as large;
// add_jobs enqueues in bulk. (The local queue that fetches in batches came with 0.17, which needs a newer Node.)
import pg from "pg";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { remind, TOMORROW, waitForGo } from "../reminder.mjs";

const [, , what, workload] = process.argv;
const connectionString = process.env.DATABASE_URL;
const CONCURRENCY = 24;
const logger = new Logger(() => () => undefined); // a line a job would be what is measured

if (what === "prepare") {
  const utils = await makeWorkerUtils({ connectionString });
  await utils.migrate();
  await utils.withPgClient((client) => client.query(
    `select graphile_worker.add_jobs(array(
      select ('remind', json_build_object('sync', s.id), null, now(), null, null, null, null)::graphile_worker.job_spec
      from auto_syncs s order by s.started_at))`));
  await utils.release();
} else {
  const pgPool = new pg.Pool({ connectionString, max: CONCURRENCY + 4 });
  await Promise.all((await Promise.all(Array.from({ length: CONCURRENCY }, () => pgPool.connect()))).map((c) => c.release()));
  await waitForGo();
  await run({
    pgPool,
    logger,
    noHandleSignals: true,
    preset: { worker: {
      concurrentJobs: CONCURRENCY, pollInterval: 500, completeJobBatchDelay: 0, failJobBatchDelay: 0,
    } },
    taskList: {
      remind: (payload, helpers) => workload === "empty" ? undefined : helpers.withPgClient((client) => remind(
        client, payload.sync,
        (held) => held.query("select graphile_worker.add_job('pause', $1::json, run_at := $2)",
          [JSON.stringify(payload), TOMORROW()]))),
      pause: () => undefined,
    },
  });
}
