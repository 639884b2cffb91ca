"""OpenTelemetry: traces of requests go to a collector, where an address is given. Without one nothing is traced."""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from starlette.types import ASGIApp

from shared.kernel.settings import Settings

QUIET = "healthz,readyz,metrics,static,sign-in/callback,api/v1/calendars"
"""Paths that are asked every few seconds and say nothing about what people wait for; and those whose address holds a
secret that no collector should keep: the sign-in code, and somebody's calendar."""


def traced(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The application with a span for each request, sent to `settings.otlp_endpoint` (OTLP over HTTP)."""
    if not settings.otlp_endpoint:
        return app
    provider = TracerProvider(resource=Resource.create({"service.name": "hechuan"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return OpenTelemetryMiddleware(app, excluded_urls=QUIET, tracer_provider=provider)
