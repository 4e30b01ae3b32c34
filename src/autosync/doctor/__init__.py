"""The review of a live database: `await doctor.review.review(connection)` tells what is the matter and what to do.

It reads only, works on any database, and never fails because something is missing. It puts nothing right.
`doctor.report` renders what it found.
"""
