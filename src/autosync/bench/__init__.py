"""The benchmark: this project beside other job systems, and beside what PostgreSQL itself can do.

Everything is measured side by side in one run, in rounds that take turns, on a throwaway server with durable settings.
What counts are the ratios; the figures themselves are of the machine that they come from.
"""
