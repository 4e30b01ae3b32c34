-- Takes a contact out of a crew; crew_members_pkey.
delete from public.crew_members
where crew_id = %(crew_id)s and contact_id = %(contact_id)s
