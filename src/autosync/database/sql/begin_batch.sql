-- For this transaction. What reads by index, once for each sync of a batch, looks dear to the planner; compiling it (jit),
-- which is done anew each time, takes longer than reading. And how long it may be left alone, see read_now.
select
  set_config('jit', 'off', true) as jit,
  set_config('idle_in_transaction_session_timeout', %(left_alone)s, true) as left_alone
