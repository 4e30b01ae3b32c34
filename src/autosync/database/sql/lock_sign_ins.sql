-- Until the transaction ends nobody else counts or adds codes, so that two at once do not pass a limit together.
select pg_advisory_xact_lock(hashtextextended('auto_sync_sign_ins', 0))
