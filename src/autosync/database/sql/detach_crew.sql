-- Lets go of a crew in the syncs of an organizer: production's own key would delete them with it; idx_auto_syncs_crew_id.
update public.auto_syncs
set crew_id = null
where crew_id = %(crew_id)s and organizer_id = %(organizer_id)s
