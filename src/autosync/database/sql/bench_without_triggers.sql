-- Has the open transaction write without triggers and foreign keys.
set local session_replication_role = replica
