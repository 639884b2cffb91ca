"""Reads a page the way a checker does: headings, ids, labels, links to ids, what the policy forbids."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Page(HTMLParser):
    """What was found in one page."""

    faults: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    inputs: list[dict[str, str]] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)
    references: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    language: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if len(attributes) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag == "html":
            self.language = attributes.get("lang", "")
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        for name in attributes:
            if name.startswith("on") or name == "style":
                self.faults.append(f"<{tag}> has {name}=")
        if tag == "script" and "src" not in attributes and attributes.get("type") != "application/json":
            self.faults.append("an inline script")
        if tag == "style":
            self.faults.append("an inline style sheet")
        for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
            self.references += attributes.get(name, "").split()
        if tag == "label" and "for" in attributes:
            self.labelled.add(attributes["for"])
            self.references.append(attributes["for"])
        if tag == "a" and attributes.get("href", "").startswith("#") and len(attributes["href"]) > 1:
            self.references.append(attributes["href"][1:])
        if tag in ("input", "select", "textarea") and attributes.get("type") not in ("hidden", "submit"):
            self.inputs.append({**attributes, "inside": "label" if "label" in self.open else ""})
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            if tag in VOID or tag in ("path",):
                return
            self.faults.append(f"</{tag}> closes <{self.open[-1] if self.open else 'nothing'}>")
            if tag in self.open:
                while self.open.pop() != tag:
                    pass
            return
        self.open.pop()


def faults(html: str) -> list[str]:
    """Everything that is wrong with a page; empty for a good one."""
    page = Page()
    page.feed(html)
    found = list(page.faults)
    if page.headings.count("h1") != 1:
        found.append(f"{page.headings.count('h1')} h1")
    found += [f"id {one} twice" for one in sorted({i for i in page.ids if page.ids.count(i) > 1})]
    found += [f"nothing has the id {one}" for one in page.references if one not in page.ids]
    found += [
        f"input {one.get('name')} has no label"
        for one in page.inputs
        if not (one["inside"] or one.get("aria-label") or one.get("id") in page.labelled)
    ]
    found += [f"<{tag}> is never closed" for tag in page.open]
    return found
