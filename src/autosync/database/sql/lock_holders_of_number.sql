-- How many contacts and profiles have this number, kept from letting it go until the transaction ends;
-- idx_contacts_phone_number, idx_profiles_phone_number.
select
  (
    select count(*)
    from (select from public.contacts as c where c.phone_number = %(phone_number)s order by c.id for share) as held
  ) as contacts,
  (
    select count(*)
    from (select from public.profiles as p where p.phone_number = %(phone_number)s order by p.id for share) as held
  ) as profiles
