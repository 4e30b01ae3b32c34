-- Empties a throwaway database.
truncate auth.users cascade
