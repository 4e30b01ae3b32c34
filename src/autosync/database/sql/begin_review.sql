-- Makes the rest of the transaction a review: it cannot write, no statement takes longer than 10 s, names come out
-- with their schemas, and what row-level security would hide from the reader is refused rather than left out.
select
  set_config('transaction_read_only', 'on', true),
  set_config('statement_timeout', '10s', true),
  set_config('search_path', '', true),
  set_config('row_security', 'off', true)
