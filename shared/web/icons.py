"""Icons by name, in one sprite made at start from the icon set fetched at set-up."""

import json
from functools import cache
from pathlib import Path

from markupsafe import Markup

from shared.web.i18n import ROOT

NODES = ROOT / "infra/web/static/vendor/tabler-nodes-outline.json"
NAMES = frozenset(
    # one name a word, so that the list can be read and merged
    """
    activity affiliate alert-circle alert-triangle archive arrow-left arrow-right arrows-exchange ban bell book
    building building-bank building-community bulb calendar calendar-event certificate chart-bar check checklist
    chevron-down chevron-left chevron-right chevron-up circle circle-check circle-dashed circle-dot circle-x
    clipboard-check clipboard-list clock coin coins copy device-floppy dots download edit external-link eye eye-off
    file-certificate file-check file-text file-type-pdf file-zip filter flag folder gavel git-merge hash help-circle
    history home hourglass id inbox info-circle key language link list-check lock lock-open logout mail map-pin
    menu-2 message microscope minus moon paperclip player-play player-stop plus point printer progress receipt
    refresh report-money rocket route rubber-stamp scale search selector send settings shield-check shield-lock
    sort-ascending sort-descending speakerphone star sun switch-horizontal target tool trash trophy upload user
    user-check user-circle user-plus users world writing x
    """.split()  # noqa: SIM905
)


def icon(name: str, label: str | None = None) -> Markup:
    """An icon from the sprite; silent to screen readers unless it has a label of its own.

    Raises KeyError for a name that is not in NAMES.
    """
    if name not in NAMES:
        raise KeyError(f"no icon {name!r}: add its Tabler outline name to shared/web/icons.py")
    from shared.web.static_files import static

    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(said, static("icons.svg"), name)


@cache
def sprite(nodes: Path = NODES) -> bytes:
    """The sprite with every icon in NAMES. Raises FileNotFoundError before set-up, KeyError for a wrong name."""
    drawn = json.loads(nodes.read_bytes())
    symbols = []
    for name in sorted(NAMES):
        shapes = "".join(
            f"<{tag} " + " ".join(f'{key}="{value}"' for key, value in attributes.items()) + "/>"
            for tag, attributes in drawn[name]
        )
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
        )
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode()
