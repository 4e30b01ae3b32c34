-- What pg_net has kept of the answer to a call: the HTTP status, or what went wrong instead; pg_net keeps answers for
-- six hours.
select
  r.status_code,
  case when r.timed_out then 'timed out' else r.error_msg end as error
from net._http_response as r
where r.id = %(request_id)s
