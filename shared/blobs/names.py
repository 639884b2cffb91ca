"""File names as people send them, made safe to show, to store and to send back."""

import re
import unicodedata

from shared.blobs.refusals import FileKindRefused
from shared.kernel.marks import S_

LONGEST_BYTES = 180
"""Short enough for every file system, also with a prefix and a second extension."""

_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"|?*]')
# fmt: off
RUNNABLE = frozenset((
    "ade", "adp", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "dmg", "elf", "exe", "gadget", "hta",
    "htm", "html", "inf", "ins", "iso", "jar", "js", "jse", "jnlp", "lib", "lnk", "mde", "mht", "mhtml", "msc",
    "msh", "msi", "msix", "msp", "mst", "nsh", "pif", "ps1", "ps1xml", "ps2", "psc1", "py", "pyc", "reg", "scf",
    "scr", "sh", "shb", "shtml", "sldm", "so", "svg", "sys", "vb", "vbe", "vbs", "vhd", "vxd", "wsc", "wsf", "wsh",
    "xhtml", "xht", "xll", "docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm", "ppam",
))
# fmt: on
"""Extensions that start a program, or a page with a script in it, when opened."""


def safe_name(name: str) -> str:
    """The last path part, in NFC, without control, direction and zero-width characters, never empty or too long."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    name = _UNSAFE.sub("_", " ".join(name.split())).strip(" .")
    if _RESERVED.match(name):
        name = f"_{name}"
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > 16:
        stem, suffix = name, ""
    room = LONGEST_BYTES - len((dot + suffix).encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{stem}.{suffix}" if suffix and stem else stem or "document"


def extension(name: str) -> str:
    """The last extension in lower case, without the dot; empty when there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def refuse_disguise(name: str) -> None:
    """`offer.pdf.exe` and `offer.exe.pdf` are both somebody's trick.

    Raises FileKindRefused.
    """
    for part in name.lower().split(".")[1:]:
        if part.strip() in RUNNABLE:
            raise FileKindRefused(
                S_(
                    "Files of the kind “%(ending)s” are not accepted, whatever their name. "
                    "Send a PDF, an Office document without macros, a picture, a table or a ZIP archive.",
                    ending="." + part.strip(),
                )
            )
