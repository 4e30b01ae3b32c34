-- Records what became of an attempt, unless a later one has begun, and says where the event is now; primary key.
-- %(pause)s: when to try or look again; %(sequence)s: the one that the attempt was made for.
-- Where the event has changed meanwhile, it is due again at once, and so is one that a calendar was connected for since.
-- Where the calendar knows a later sequence than we do, this database was put back: the event is changed once more.
update public.auto_sync_events as e
set
  delivery = case
    when %(known_sequence)s::integer > e.sequence then 'queued'
    when e.sequence > %(sequence)s::integer and %(delivery)s::text in ('sent', 'failed') then 'queued'
    when
      (%(is_disconnected)s::boolean or (e.sequence > %(sequence)s::integer and %(delivery)s::text = 'none'))
      and exists (select from public.google_calendar_tokens as t where t.user_id = e.organizer_id)
      then 'queued'
    else %(delivery)s::text
  end,
  sequence = case
    when %(known_sequence)s::integer > e.sequence then %(known_sequence)s::integer + 1 else e.sequence
  end,
  known_sequence = %(known_sequence)s::integer,
  in_doubt = %(in_doubt)s::boolean,
  calendar_id = case when not %(forget_calendar)s::boolean then coalesce(%(calendar_id)s::text, e.calendar_id) end,
  next_attempt_at = (select public.autosync_now()) + case
    when e.sequence = %(sequence)s::integer then coalesce(%(pause)s::interval, '0') else '0'
  end,
  failing_since = case
    when e.sequence = %(sequence)s::integer and not %(has_begun)s::boolean then e.failing_since
    when e.sequence = %(sequence)s::integer and %(is_failing)s::boolean then coalesce(e.failing_since, e.claimed_at)
  end,
  reason = case
    when e.sequence = %(sequence)s::integer and not %(has_begun)s::boolean then e.reason
    when e.sequence = %(sequence)s::integer then %(reason)s::text
  end
where e.sync_id = %(sync_id)s and e.attempt = %(attempt)s and e.delivery in ('sending', 'unknown')
returning e.delivery
