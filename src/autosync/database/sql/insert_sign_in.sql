-- One sign-in that is still to come; %(phone_number)s: E.164, null for a link.
insert into public.auto_sync_sign_ins (id, organizer_id, number_hash, secret_hash, expires_at)
values (
  %(id)s, %(organizer_id)s,
  case when %(phone_number)s::text is not null then public.autosync_number_hash(%(phone_number)s) end,
  %(secret_hash)s, now() + %(lives)s::interval
)
