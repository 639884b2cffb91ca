"""What the bus shows to Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

PUBLISHED = Counter("hechuan_events_published", "Events the relay has sent and seen acknowledged.", ["service"])
RELAY_LAG = Gauge("hechuan_relay_lag_seconds", "Age of the oldest event the relay is sending now.", ["service"])
RELAY_HOLDS = Gauge("hechuan_relay_holds", "1 where this process is the service's relay.", ["service"])
HANDLED = Counter("hechuan_events_handled", "Events a reaction has acted on.", ["service", "reaction"])
SKIPPED = Counter("hechuan_events_skipped", "Events already acted on, or out of date.", ["service", "reaction"])
PARKED = Counter("hechuan_events_parked", "Events set aside for a person.", ["service", "reaction"])
BATCH_SECONDS = Histogram(
    "hechuan_reaction_batch_seconds",
    "Time from taking a batch to its commit.",
    ["service", "reaction"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
