"""The main job, played on a database of its own: real triggers, processor, dispatcher and inbox, recorded texts."""
