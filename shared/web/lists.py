"""List pages: what the visitor asked for (search, facets, order, place) and the links that change one part of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode

from starlette.requests import Request

from shared.web.i18n import Text

MAX_QUERY = 200
RESERVED = frozenset({"q", "sort", "cursor", "format"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `key` is also the name under which the list can be sorted when `sort`."""

    key: str
    label: Text
    sort: bool = False
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet, with how many rows have it when that is known."""

    value: str
    label: Text
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """A property by which a list can be narrowed, several values at once."""

    name: str
    label: Text
    options: Sequence[Option]

    def __post_init__(self) -> None:
        if self.name in RESERVED:
            raise ValueError(f"{self.name!r} is taken by the list itself")


@dataclass(frozen=True)
class ListView:
    """One list page: the question from the address, then the rows that answer it."""

    path: str
    columns: Sequence[Column]
    facets: Sequence[Facet] = ()
    q: str = ""
    sort: str = ""
    cursor: str = ""
    page_size: int = 25
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    searchable: bool = True
    rows: Sequence[Any] = ()
    total: int | None = None
    next_cursor: str | None = None
    previous_cursor: str | None = None

    @classmethod
    def read(
        cls,
        request: Request,
        *,
        columns: Sequence[Column],
        facets: Sequence[Facet] = (),
        default_sort: str = "",
        page_size: int = 25,
        keep: Sequence[str] = (),
        searchable: bool = True,
    ) -> Self:
        """Read the address. Unknown facet values and sort keys are ignored, so an old bookmark still opens.

        `keep` names other query parameters that every link of the list must carry on.
        """
        query = request.query_params
        sortable = {column.key for column in columns if column.sort}
        sort = query.get("sort", "")
        if sort.removeprefix("-") not in sortable:
            sort = default_sort
        choices = {}
        for facet in facets:
            known = {option.value for option in facet.options}
            picked = tuple(dict.fromkeys(value for value in query.getlist(facet.name) if value in known))
            if picked:
                choices[facet.name] = picked
        return cls(
            path=request.url.path,
            columns=columns,
            facets=facets,
            q=query.get("q", "").replace("\x00", "").strip()[:MAX_QUERY],
            sort=sort,
            cursor=query.get("cursor", ""),
            page_size=page_size,
            choices=choices,
            extra={name: query[name] for name in keep if name in query},
            searchable=searchable,
        )

    def chosen(self, facet: str) -> tuple[str, ...]:
        """The chosen values of a facet; empty when the list is not narrowed by it."""
        return self.choices.get(facet, ())

    @property
    def narrowed(self) -> bool:
        """True when a search or a facet hides rows."""
        return bool(self.q or self.choices)

    def filled(
        self,
        rows: Sequence[Any],
        *,
        total: int | None = None,
        next_cursor: str | None = None,
        previous_cursor: str | None = None,
        facets: Sequence[Facet] | None = None,
    ) -> Self:
        """The same page with its rows; `facets` again when their counts are known only now."""
        return replace(
            self,
            rows=rows,
            total=total,
            next_cursor=next_cursor,
            previous_cursor=previous_cursor,
            facets=self.facets if facets is None else facets,
        )

    def pairs(self, *, without: str = "") -> list[tuple[str, str]]:
        """The question as query parameters, without the place in the list."""
        pairs = list(self.extra.items())
        if self.q and without != "q":
            pairs.append(("q", self.q))
        for name, values in self.choices.items():
            if name != without:
                pairs.extend((name, value) for value in values)
        if self.sort and without != "sort":
            pairs.append(("sort", self.sort))
        return pairs

    def _address(self, pairs: list[tuple[str, str]]) -> str:
        return self.path + (f"?{urlencode(pairs)}" if pairs else "")

    def url(self, *, cursor: str = "", sort: str | None = None) -> str:
        """The same list at another place or in another order."""
        pairs = self.pairs(without="sort" if sort is not None else "")
        if sort:
            pairs.append(("sort", sort))
        if cursor:
            pairs.append(("cursor", cursor))
        return self._address(pairs)

    def export_url(self, kind: str) -> str:
        """The whole list, as it is narrowed now, as a file (`shared.web.exports`)."""
        return self._address([*self.pairs(), ("format", kind)])

    def toggled(self, facet: str, value: str) -> str:
        """The same list with one facet value more or less, from the start."""
        picked = self.chosen(facet)
        changed = tuple(v for v in picked if v != value) if value in picked else (*picked, value)
        return self._address([*self.pairs(without=facet), *((facet, v) for v in changed)])

    def cleared(self) -> str:
        """The whole list."""
        return self._address(list(self.extra.items()))

    def sort_url(self, column: Column) -> str:
        """Sorted by a column; a second press turns the order round."""
        return self.url(sort=f"-{column.key}" if self.sort == column.key else column.key)

    def direction(self, column: Column) -> str:
        """`ascending`, `descending` or `none`, as `aria-sort` says it."""
        if self.sort.removeprefix("-") != column.key:
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"
