-- People for a benchmark: %(organizers)s organizers with %(contacts)s contacts each. Ids are made from their places, so that the
-- statements after this one know them.
with made as (
  insert into auth.users (id)
  select md5('organizer ' || n.i)::uuid
  from generate_series(1, %(organizers)s::integer) as n (i)
),

organizers as (
  insert into public.profiles (id, first_name, last_name, phone_number, preferred_timezone)
  select
    md5('organizer ' || n.i)::uuid,
    (array['Maya', 'Noah', 'Priya', 'Tom', 'Lena'])[1 + mod(n.i, 5)],
    'Lopez',
    '+1212' || to_char(5550000 + n.i, 'FM0000000'),
    'America/New_York'
  from generate_series(1, %(organizers)s::integer) as n (i)
)

insert into public.contacts (id, user_id, first_name, last_name, phone_number)
select
  md5('contact ' || n.i || ' ' || c.i)::uuid,
  md5('organizer ' || n.i)::uuid,
  (array['Ann', 'Ben', 'Chloe', 'Dev', 'Eli', 'Fay', 'Gus', 'Hana'])[1 + mod(c.i, 8)],
  'Miller',
  '+1646' || to_char(2300000 + mod(n.i * %(contacts)s + c.i, 7000000), 'FM0000000')
from generate_series(1, %(organizers)s::integer) as n (i)
cross join generate_series(1, %(contacts)s::integer) as c (i)
