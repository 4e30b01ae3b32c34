-- Has the open transaction see the database as its first query finds it.
set transaction isolation level repeatable read -- noqa: PRS
