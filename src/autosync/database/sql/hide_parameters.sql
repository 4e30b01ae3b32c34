-- Keeps the values of parameters out of the server's log until the transaction ends, where the role may decide that.
select set_config('log_parameter_max_length', '0', true)
where has_parameter_privilege(current_user, 'log_parameter_max_length', 'set')
