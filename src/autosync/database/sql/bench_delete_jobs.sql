-- Empties the queue of a throwaway database.
delete from public.job_queue
