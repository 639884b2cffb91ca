"""Named crash points, so that a test can kill the process exactly where it hurts most.

`HECHUAN_FAULT=mid_upload:3` makes the third pass through `point("mid_upload")` the last thing this process does.
Without the variable a point costs one comparison.
"""

import os
import signal

POINTS = frozenset(
    {
        "after_commit",
        "mid_window_publish",
        "after_ack_before_mark",
        "after_inbox_insert",
        "after_commit_before_ack",
        "mid_upload",
    }
)

_passes: dict[str, int] = {}


def _armed() -> tuple[str, int] | None:
    setting = os.environ.get("HECHUAN_FAULT", "")
    if not setting:
        return None
    name, _, nth = setting.partition(":")
    if name not in POINTS or (nth and not nth.isdigit()):
        raise ValueError(f"HECHUAN_FAULT={setting!r} is not <point>:<n>; the points are {', '.join(sorted(POINTS))}.")
    return name, int(nth or 1)


_ARMED = _armed()


def armed(name: str) -> bool:
    """Whether this process is to die at the point, so that a test may first make sure of what came before."""
    return _ARMED is not None and _ARMED[0] == name


def point(name: str) -> None:
    """Die here (SIGKILL, so nothing is tidied up) when the environment says so."""
    if _ARMED is None or _ARMED[0] != name:
        return
    _passes[name] = _passes.get(name, 0) + 1
    if _passes[name] == _ARMED[1]:
        os.kill(os.getpid(), signal.SIGKILL)
