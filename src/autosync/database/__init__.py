"""All that touches PostgreSQL: the pool, the embedded server, the migrations and every statement.

One module a noun; each of their functions runs one statement from `sql/`. No rule lives here.
"""
