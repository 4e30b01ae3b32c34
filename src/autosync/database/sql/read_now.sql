-- The project's now, however long ago the transaction began; and how long this one may be left alone from here on.
select
  public.autosync_now() + (clock_timestamp() - now()) as now,
  set_config('idle_in_transaction_session_timeout', %(left_alone)s, true) as left_alone
