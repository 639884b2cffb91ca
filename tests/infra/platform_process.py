"""A platform's servers in a process of their own, for tests that kill it: prints what it started, then waits."""

import asyncio
import json
import sys
from pathlib import Path

from infra.embedded.canaille import Person
from infra.embedded.state import StartError
from infra.platform import resolve
from shared.kernel.settings import Settings


async def main() -> int:
    try:
        platform = await resolve(Settings(state_dir=Path(sys.argv[1])))
    except StartError as problem:
        print(json.dumps({"refused": str(problem)}), flush=True)
        return 1
    assert platform.embedded
    people = await platform.ensure_people([Person("wang", "Li", "Wang", "wang@example.org", name="王丽")])
    pids = {name: server.pid for name, server in platform.embedded.servers.items()}
    shown = {"pids": pids, "issuer": platform.settings.oidc_issuer, "password": people[0].password}
    print(json.dumps(shown | {"ip": platform.settings.ip_migration_url, "s3": platform.settings.s3_url}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await platform.stop()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
