"""Public records into a running platform over its API: read a file, map its rows, send them in batches."""
