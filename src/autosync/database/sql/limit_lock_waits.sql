-- Lets this transaction wait for each lock no longer than given; returns the setting.
select set_config('lock_timeout', (extract(epoch from %(lock_timeout)s::interval) * 1000)::integer::text, true)
