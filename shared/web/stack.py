"""The guards of the web frame in their order, for the host that puts the services together."""

from collections.abc import Callable, Sequence

from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from shared.web.guard import RequestTrace, SameOrigin, SecurityHeaders, cross_site
from shared.web.preferences import Preferences


def guarded(
    app: ASGIApp,
    *,
    origins: Sequence[str] = (),
    form_targets: Sequence[str] = (),
    refused: Callable[[Scope], Response] = cross_site,
) -> ASGIApp:
    """Trace number first, so that refusals carry it; then headers, language, and the check of unsafe requests."""
    inner = SameOrigin(app, origins=origins, refused=refused)
    return RequestTrace(SecurityHeaders(Preferences(inner), form_targets=form_targets))
