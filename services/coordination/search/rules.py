"""One box across the services."""

from shared.kernel.policy import anyone

SEARCH = anyone("search.read")
PER_KIND = 8
ONE_KIND = 50
"""How many are shown of each kind, and when only one kind is asked for."""
