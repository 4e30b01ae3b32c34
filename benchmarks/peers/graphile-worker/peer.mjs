// graphile-worker. Fast, as its documentation on performance has it: concurrentJobs 24, a local queue of 500 that is fetched at
// once, completion in batches (a delay of 0: what has ended meanwhile); prepared statements; add_jobs enqueues in bulk.
import pg from "pg";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { remind, TOMORROW, waitForGo } from "../reminder.mjs";

const [, , what, workload] = process.argv;
const connectionString = process.env.DATABASE_URL;
const CONCURRENCY = 24;
const ADD_PAUSE = { name: "add-pause", text: "select graphile_worker.add_job('pause', $1::json, run_at := $2)" };
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
      localQueue: { size: 500 }, preparedStatements: true,
    } },
    taskList: {
      remind: (payload, helpers) => workload === "empty" ? undefined : helpers.withPgClient((client) => remind(
        client, payload.sync,
        (held) => held.query({ ...ADD_PAUSE, values: [JSON.stringify(payload), TOMORROW()] }))),
      pause: () => undefined,
    },
  });
}
