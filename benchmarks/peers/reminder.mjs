// The work of a due reminder, as somebody would write it who uses one of these libraries well: a handful of
// parameterized statements in one transaction, a job's or a batch's. What schedules the follow-up and completes the job is the library's own.

const READ_SYNC = {
  name: "read-sync",
  text: `select s.status, s.event_name, s.event_location, s.timezone, p.first_name, p.last_name
    from auto_syncs s join profiles p on p.id = s.organizer_id where s.id = $1`,
};
const READ_INVITEES = {
  name: "read-invitees",
  text: `select i.contact_id, r.contact_id is not null as answered from auto_sync_invitees i
    left join auto_sync_responses r on r.auto_sync_id = i.auto_sync_id and r.contact_id = i.contact_id
    where i.auto_sync_id = $1`,
};
const READ_OPTIONS = {
  name: "read-options",
  text: "select idx, start_time, end_time from auto_sync_options where auto_sync_id = $1 order by idx",
};
const WRITE_TEXTS = {
  name: "write-texts",
  text: `insert into auto_sync_messages
    (auto_sync_id, contact_id, message_type, cause_id, body, status, sent_at, send_after, turn_at, created_at)
    select $1, t.contact_id, t.message_type, $1, t.body, 'queued', null, now(), now(), now()
    from unnest($2::uuid[], $3::text[], $4::text[]) as t (contact_id, message_type, body)`,
};
const MARK_REMINDED = {
  name: "mark-reminded",
  text: "update auto_syncs set last_reminder_sent_at = now() where id = $1",
};

const formats = new Map(); // toLocaleString would make these anew each time, which costs more than the statements

function formatsOf(timeZone) {
  if (!formats.has(timeZone)) {
    formats.set(timeZone, {
      day: new Intl.DateTimeFormat("en-US", { weekday: "short", month: "short", day: "numeric", timeZone }),
      hour: new Intl.DateTimeFormat("en-US", { hour: "numeric", timeZone }),
      last: new Intl.DateTimeFormat("en-US", { hour: "numeric", timeZoneName: "short", timeZone }),
    });
  }
  return formats.get(timeZone);
}

function when(option, timeZone) {
  const { day, hour, last } = formatsOf(timeZone);
  return `${day.format(option.start_time)}, ${hour.format(option.start_time)}-${last.format(option.end_time)}`;
}

/** Writes it on a connection of `pg`, within the transaction that is open there; whether there was anything to remind of. */
export async function writeReminder(client, syncId) {
  const sync = (await client.query({ ...READ_SYNC, values: [syncId] })).rows[0];
  if (sync.status !== "running") return false;
  const invitees = (await client.query({ ...READ_INVITEES, values: [syncId] })).rows;
  const options = (await client.query({ ...READ_OPTIONS, values: [syncId] })).rows;
  const silent = invitees.filter((invitee) => !invitee.answered).map((invitee) => invitee.contact_id);
  const lines = options.map((option) => `${option.idx}) ${when(option, sync.timezone)}`).join("\n");
  const body = `${sync.first_name} ${sync.last_name} would love to hear from you about ${sync.event_name} at`
    + ` ${sync.event_location}. Which times work?\n${lines}\nReply with all that work (like 1,3) or NONE.`;
  const report = `${sync.event_name}: reminded ${silent.length} of ${invitees.length}.`
    + ` Answered so far: ${invitees.length - silent.length}.`;
  await client.query({ ...WRITE_TEXTS, values: [
    syncId, [...silent, null], [...silent.map(() => "reminder"), "reminder_update"],
    [...silent.map(() => body), report],
  ] });
  await client.query({ ...MARK_REMINDED, values: [syncId] });
  return true;
}

/** The same in a transaction of its own; `followUp(client)` schedules the next job within it. */
export async function remind(client, syncId, followUp) {
  await client.query("begin");
  try {
    if (await writeReminder(client, syncId)) await followUp(client);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** Says that it is ready, and waits for the word to go. */
export function waitForGo() {
  process.stdout.write("ready\n");
  return new Promise((resolve) => process.stdin.once("data", resolve));
}

export const TOMORROW = () => new Date(Date.now() + 24 * 3600 * 1000);
