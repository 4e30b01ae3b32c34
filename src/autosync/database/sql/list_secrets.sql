-- Which of these names the Vault has a secret by; secrets_name_idx.
select s.name
from vault.secrets as s
where s.name = any(%(names)s::text[])
