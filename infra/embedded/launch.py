"""Starts one server and ties its life to ours. Runs on the standard library alone: `python -I -S launch.py …`.

Order matters. The parent-death signal is cleared by the kernel when a process changes its user, so it is set after
the drop; and the drop keeps one capability (ambient CAP_DAC_OVERRIDE) only where the new user could not otherwise
reach its files, as in a clone below a 0700 home directory.
"""

import argparse
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1
CAP_SETPCAP = 8
CAPABILITY_VERSION_3 = 0x20080522


def keep_file_access(libc: ctypes.CDLL) -> str:
    """Keeps CAP_DAC_OVERRIDE across exec; returns what went wrong, or nothing.

    PostgreSQL asks `access()` whether its own programs may be run, and for a user other than root the kernel answers
    that without regard to capabilities, unless the securebit NO_SETUID_FIXUP is set.
    """
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)

    def hold(bits: int) -> bool:
        return bool(libc.capset(header, (ctypes.c_uint32 * 6)(bits, bits, bits, 0, 0, 0)) == 0)

    kept = (
        hold(1 << CAP_DAC_OVERRIDE | 1 << CAP_SETPCAP)
        and libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) == 0
        and hold(1 << CAP_DAC_OVERRIDE)
        and libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0) == 0
    )
    return "" if kept else os.strerror(ctypes.get_errno())


def drop(libc: ctypes.CDLL, uid: int, gid: int, needed: list[str]) -> None:
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if all(os.access(path, os.R_OK | os.X_OK) for path in needed):
        return
    if problem := keep_file_access(libc):
        sys.exit(
            f"User {uid} may not read {', '.join(needed)}, and the right to pass file permissions could not be kept "
            f"({problem}). Run as an ordinary user, or put the project where every user may read it."
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--on-parent-death", default="SIGTERM")
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("--needs", action="append", default=[])
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    libc = ctypes.CDLL(None, use_errno=True)
    if given.uid is not None and os.geteuid() == 0:
        try:
            drop(libc, given.uid, given.gid, given.needs)
        except PermissionError as problem:
            sys.exit(
                f"This server refuses to run as root, and root may not become another user here ({problem}). "
                "Run the platform as an ordinary user."
            )
    os.umask(0o077)
    libc.prctl(PR_SET_PDEATHSIG, getattr(signal, given.on_parent_death), 0, 0, 0)
    if os.getppid() != given.parent:
        sys.exit("The platform went away while this server was starting.")
    os.execv(given.command[0], given.command)  # noqa: S606 - replacing this process is the purpose


if __name__ == "__main__":
    main()
