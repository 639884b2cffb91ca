"""Traces reach a collector when one is named."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from infra.telemetry import traced
from shared.kernel.settings import Settings


async def test_a_request_becomes_a_span_at_the_collector() -> None:
    arrived: list[bytes] = []
    got = threading.Event()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            got.set()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:

        async def hello(request: Request) -> PlainTextResponse:
            return PlainTextResponse("hello")

        bare = Starlette(routes=[Route("/hello", hello), Route("/sign-in/callback", hello)])
        app = traced(bare, Settings(otlp_endpoint=f"http://127.0.0.1:{server.server_port}"))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            assert (await client.get("/sign-in/callback?code=once-only")).text == "hello"
            assert (await client.get("/hello")).text == "hello"
        assert got.wait(20)
    finally:
        server.shutdown()
        server.server_close()
    assert b"once-only" not in b"".join(arrived)
    request = ExportTraceServiceRequest.FromString(arrived[0])
    names = {span.name for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans}
    assert any("/hello" in name for name in names)


def test_without_an_address_nothing_is_wrapped() -> None:
    app = Starlette()
    assert traced(app, Settings(otlp_endpoint="")) is app
