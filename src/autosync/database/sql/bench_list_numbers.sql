-- The numbers of a benchmark's invitees, in no order that matters.
select phone_number from public.contacts order by md5(phone_number)
