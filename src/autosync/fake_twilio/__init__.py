"""A stand-in for Twilio's side: takes texts from the real SDK, reports on them, and misbehaves when told to.

`create_app(...)` is the ASGI application; `autosync fake-twilio` serves it. It sends nothing to anybody and forgets
everything at its end. It knows nothing of the rest of the program, so that it can be believed when it counts.
"""

from autosync.fake_twilio.app import create_app

__all__ = ["create_app"]
