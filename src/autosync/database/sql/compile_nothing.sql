-- For this transaction. What reads by index, once for each sync of a batch, looks dear to the planner; compiling it (jit),
-- which is done anew each time, takes longer than reading.
select set_config('jit', 'off', true)
