-- One row: by how much the project's clock is ahead of the server's.
select public.autosync_now() - now() as lead
