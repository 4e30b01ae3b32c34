-- Keeps who did the jobs of this transaction; job_batches_pkey.
insert into public.job_batches (done_at, taken_by)
values (public.autosync_now(), %(taken_by)s)
on conflict do nothing
