-- Puts a secret into the Vault, or a new value under a name that is there; returns nothing of it; secrets_name_idx.
select
  case
    when known.id is null then vault.create_secret(%(secret)s, %(name)s, %(description)s)::text
    else vault.update_secret(known.id, %(secret)s)::text
  end as stored
from (select (select s.id from vault.secrets as s where s.name = %(name)s) as id) as known
