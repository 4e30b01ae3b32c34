-- The invitees of each of these syncs with their names and latest answers, as arrays in the order of their names;
-- idx_auto_sync_messages_auto_sync_id. Syncs without any are missing.
-- can_make: the options that somebody can make, with commas in between and however another client shaped its array;
-- empty if none of them; null if there is no answer yet. A suppressed number that a contact has is there to be read, see
-- auto_sync_suppressions.
-- An offset keeps each look-up from becoming a scan of its table where statistics are old or missing.
select
  w.sync_id as auto_sync_id,
  a.*
from unnest(%(sync_ids)s::uuid[]) as w (sync_id)
cross join
  lateral (
    select
      array_agg(p.contact_id) as contact_ids,
      array_agg(p.first_name) as first_names,
      array_agg(p.last_name) as last_names,
      array_agg(p.can_make) as can_make,
      array_agg(p.opted_out) as opted_out
    from (
      select
        i.contact_id,
        c.first_name,
        c.last_name,
        case r.response_type
          when 'available' then coalesce(array_to_string(r.option_ids, ','), '')
          when 'not_available' then ''
        end as can_make,
        coalesce(o.opted_out, false) as opted_out
      from (
        select contact_id
        from public.auto_sync_invitees
        where auto_sync_id = w.sync_id
        offset 0
      ) as i
      cross join
        lateral (
          select
            first_name,
            last_name,
            phone_number
          from public.contacts
          where id = i.contact_id
          offset 0
        ) as c
      left join (
        select
          contact_id,
          response_type,
          option_ids
        from public.auto_sync_responses
        where auto_sync_id = w.sync_id
        offset 0
      ) as r on r.contact_id = i.contact_id
      left join lateral (
        select true as opted_out
        from public.auto_sync_suppressions
        where right(phone_number, 7) = right(c.phone_number, 7) and phone_number = c.phone_number
        offset 0
      ) as o on true
      order by c.first_name, c.last_name, i.contact_id
    ) as p
  ) as a
where a.contact_ids is not null
