-- Lays pg_cron's schema `cron` into this database; the server has to have loaded it at its start.
create extension if not exists pg_cron with schema pg_catalog
