"""A TCP connection that can be cut or fall silent: it stands between a service and one of its servers."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit


class Proxy:
    """Forwards 127.0.0.1:`port` to 127.0.0.1:`target`, on a thread of its own, so that no load slows it."""

    @classmethod
    def before(cls, url: str) -> "Proxy":
        target = urlsplit(url).port
        assert target
        return cls(target)

    def __init__(self, target: int) -> None:
        self.target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy to {target}", daemon=True)
        self._thread.start()
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server = self._run(self._listen())
        self.port: int = self._server.sockets[0].getsockname()[1]

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            await self._open.wait()
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.add(far_writer)
            try:
                await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
            finally:
                self._forget(far_writer)
        except OSError:
            pass  # one end is gone; the other is told so below
        finally:
            self._forget(writer)
            self._tasks.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                await self._open.wait()
                writer.write(chunk)
                await writer.drain()
        finally:
            writer.close()

    def _forget(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.close()

    def cut(self) -> int:
        """Resets every connection; returns how many there were. New ones are taken at once."""

        async def reset() -> int:
            cut = list(self._writers)
            for writer in cut:
                writer.transport.abort()
            return len(cut)

        return int(self._run(reset()))

    def silence(self, silent: bool) -> None:
        """While silent nothing passes in either direction, and nobody is told."""
        self._loop.call_soon_threadsafe(self._open.clear if silent else self._open.set)

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            self._open.set()
            for task in list(self._tasks):
                task.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await asyncio.gather(*self._tasks, return_exceptions=True)

        self._run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
