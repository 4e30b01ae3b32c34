"""The whole system at work while everything around it breaks; then calm, and the ledger.

    make chaos                          # ten minutes of it
    make chaos ARGS="--minutes 120"

A real PostgreSQL with pg_cron is killed and restarted, filled up and crowded; workers are killed by SIGKILL and their
connections cut or frozen; the stand-in for Twilio misbehaves; organizers and invitees go on meanwhile. `server` and
`wire` can break, `crew` can be killed, `people` act, `faults` happen, `report` says what came of it.
"""
