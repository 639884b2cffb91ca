"""The layouts known, and which of them a file has."""

from collections.abc import Iterable

from seeds.importing.profiles import organisations, patents, people, projects
from seeds.importing.profiles.profile import Beside, Profile, Row, without_nothing

__all__ = ["KINDS", "PATHS", "PROFILES", "Beside", "LayoutUnknown", "Profile", "Row", "choose", "without_nothing"]

PROFILES = [*projects.PROFILES, *patents.PROFILES, *organisations.PROFILES, *people.PROFILES]
PATHS = {
    "projects": "/projects/api/v1/earlier-projects/batches",
    "patents": "/ip/api/v1/patents/batches",
    "organisations": "/catalog/api/v1/organisations/batches",
    "people": "/catalog/api/v1/people/batches",
}
KINDS = tuple(PATHS)


class LayoutUnknown(Exception):
    """No mapping fits; the message lists the columns found and the mappings known."""


def choose(kind: str, columns: Iterable[str], wanted: str = "") -> Profile:
    """The mapping asked for, or the closest that fits the columns. Raises LayoutUnknown."""
    found = list(columns)
    if kind not in KINDS:
        raise LayoutUnknown(f"There is no kind {kind!r}. Import one of: {', '.join(KINDS)}.")
    known = [profile for profile in PROFILES if profile.kind == kind]
    if wanted:
        for profile in known:
            if profile.name == wanted:
                return _fitting(profile, found)
        raise LayoutUnknown(f"There is no profile {wanted!r} for {kind}.\n{_list(known)}")
    fitting = [profile for profile in known if profile.columns <= set(found)]
    if fitting:
        return max(fitting, key=lambda profile: (bool(profile.source), len(profile.columns)))
    others = {profile.kind for profile in PROFILES if profile.source and profile.columns <= set(found)}
    hint = f"They look like {' or '.join(sorted(others))}: try `hechuan import {min(others)}`.\n" if others else ""
    raise LayoutUnknown(
        f"The columns fit no layout of {kind} known here.\nColumns found: {', '.join(found)}\n{hint}{_list(known)}\n"
        "Rename the columns to those of the last profile, or name the profile that is meant with --profile."
    )


def _fitting(profile: Profile, found: list[str]) -> Profile:
    missing = profile.columns - set(found)
    if missing:
        raise LayoutUnknown(
            f"The profile {profile.name} needs the columns {', '.join(sorted(missing))}.\n"
            f"Columns found: {', '.join(found)}"
        )
    return profile


def _list(profiles: list[Profile]) -> str:
    lines = [f"  {one.name}: {', '.join(sorted(one.columns))} ({one.about})" for one in profiles]
    return "\n".join(["Profiles known, with the columns they need:", *lines])
