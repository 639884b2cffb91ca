"""The fault suite: real service processes, real servers, real kills. `make test-faults` runs all of it.

Each test is one scenario with one seed (`test_crash_points.py::test_a_crash[mid_upload-7]`). The seed decides when the
blow falls, what the client asks for, and where it gives up. Every run does the same:

1. a client posts commands with Idempotency-Keys, repeats them on a broken connection and on 503, and writes down what
   was acknowledged (`load.py`);
2. the blow falls (a kill, a cut, a stop) and what was struck is started again;
3. a probe, a command first sent after the blow, is followed until every hearer shows it: that is the recovery time;
4. the load ends, everything settles, and two judges look, independent of each other: `hechuan verify` must say
   0 missing, 0 doubled, 0 orphaned; and the databases must hold each acknowledged command exactly once, in its source,
   in the outbox and in every projection, and each unacknowledged one at most once (`truth.py`).

How to read the table at the end, one line a scenario:

    seeds       runs of the scenario, each with a seed of its own
    events      facts pushed through outbox, stream and inboxes in these runs (fixtures' facts included)
    acked       commands (or uploads) that the client saw accepted
    gave up     commands the client stopped asking for while their fate was unknown
    kills       processes killed or stopped, connections cut
    slowest     the slowest recovery in seconds, restart included, as defined in 3
    missing, doubled, orphaned    `verify` over all runs; anything but 0/0/0 also fails its test
    notes       what the scenario says of itself, such as latencies

All of it takes some 35 minutes on two quiet cores (about 100 s for a seed of every scenario).
HECHUAN_FAULT_SEEDS says how many seeds each scenario gets (20). To repeat one run:
`pytest -m faults 'tests/faults/test_crash_points.py::test_a_crash[mid_upload-7]'`. Servers and logs of a run lie in
pytest's temporary directory (`--basetemp` chooses another); the logs of the service processes are `service-*.log`.
"""
