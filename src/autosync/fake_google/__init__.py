"""A stand-in for Google's side of calendars: consent, tokens, busy times, events; and it misbehaves if told to.

`create_app(...)` is the ASGI application; `autosync fake-google` serves it. It sends nothing to anybody and forgets
everything at its end. It knows nothing of the rest of the program, so that it can be believed when it counts.
"""

from autosync.fake_google.app import create_app

__all__ = ["create_app"]
