"""Auto Sync: gets a group of people to meet, with jobs that live in PostgreSQL."""

__version__ = "0.2.0.dev0"
