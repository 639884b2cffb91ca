"""Runs Canaille in a process of its own. Started by `canaille.py`, which talks to it over two pipes:

it reads lists of people (one JSON array a line) and answers `done` or the error; it writes `ready` first. The end of
its input means that the platform is gone, and ends it as well.
"""

import asyncio
import contextvars
import json
import logging
import os
import socket
import sys
import threading
import time
from typing import Any


def wait_for_database(url: str) -> None:
    """PostgreSQL starts at the same time as we import; on a first start it also makes our database."""
    import psycopg

    address = url.replace("postgresql+psycopg://", "postgresql://", 1)
    deadline = time.monotonic() + 90
    while True:
        try:
            psycopg.connect(address, connect_timeout=3).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def ensure_clients(clients: list[dict[str, Any]]) -> None:
    from canaille.app import models
    from canaille.backends import Backend

    store = Backend.instance
    for wanted in clients:
        wanted = dict(wanted)
        audience = wanted.pop("audience")
        known = store.get(models.Client, client_id=wanted["client_id"])
        client = known or models.Client(token_endpoint_auth_method="client_secret_basic")  # noqa: S106 - a method's name
        for name, value in wanted.items():
            setattr(client, name, value)
        store.save(client)
        client.audience = [store.get(models.Client, client_id=audience)]
        store.save(client)


def ensure_people(people: list[dict[str, str]]) -> None:
    from canaille.app import models
    from canaille.backends import Backend

    store = Backend.instance
    for person in people:
        user = store.get(models.User, user_name=person["user_name"]) or models.User(user_name=person["user_name"])
        user.given_name = person["given_name"]
        user.family_name = person["family_name"]
        user.formatted_name = person["name"] or f"{person['given_name']} {person['family_name']}".strip()
        user.display_name = user.formatted_name
        user.emails = [person["email"]]
        if not user.password or user.password != person["password"]:
            user.password = person["password"]
        store.save(user)


def listen(app: Any, server: Any) -> None:
    for line in sys.stdin:
        try:
            with app.app_context():
                ensure_people(json.loads(line))
            answer = "done"
        except Exception as problem:
            logging.exception("accounts could not be made")
            answer = f"{type(problem).__name__}: {problem}".replace("\n", " ")
        print(answer, flush=True)  # noqa: T201 - the pipe to our parent
    server.should_exit = True


def main() -> None:
    os.environ["CANAILLE_CONFIG"] = os.devnull
    given = json.load(open(sys.argv[1], encoding="utf-8"))  # noqa: SIM115 - read once, closed by the collector
    import canaille
    import uvicorn
    from asgiref.wsgi import WsgiToAsgi

    wait_for_database(given["configuration"]["CANAILLE_SQL"]["DATABASE_URI"])
    app = canaille.create_app(config=given["configuration"])
    with app.app_context():
        ensure_clients(given["clients"])
    # The loop's threads carry the WSGI calls.
    listener = socket.create_server(("127.0.0.1", given["port"]), backlog=128)
    wrapped: Any = WsgiToAsgi(app)  # type: ignore[no-untyped-call]

    async def alone(scope: Any, receive: Any, send: Any) -> None:
        # asgiref leaves the finished thread of a request in its context, which the next request of a kept connection
        # inherits and then cannot use: now and then a 500.
        await asyncio.create_task(wrapped(scope, receive, send), context=contextvars.Context())

    server = uvicorn.Server(uvicorn.Config(alone, log_level="warning", lifespan="off", timeout_graceful_shutdown=3))
    print("ready", flush=True)  # noqa: T201
    threading.Thread(target=listen, args=(app, server), daemon=True).start()
    asyncio.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
