-- One row: the server's own clock at this moment, which no demo moves.
select clock_timestamp() as now
