-- Schedules a job, or gives the role's own job of this name another schedule and command; returns its id.
select cron.schedule(%(name)s, %(schedule)s, %(command)s)
