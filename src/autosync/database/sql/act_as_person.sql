-- Makes the rest of the transaction run as role authenticated with a person's claims, which auth.uid() reads.
select
  set_config('role', 'authenticated', true) as role,
  set_config('request.jwt.claims', %(claims)s, true) as claims
