"""One import from the first line to the last: read, map, check for repeats, send, and keep account of every row."""

import hashlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from seeds.importing.cleaning import Cells, Unusable
from seeds.importing.files import BREAKS, FileUnreadable
from seeds.importing.profiles import Beside, LayoutUnknown, Profile, choose, without_nothing
from seeds.importing.records import Broken, Record
from seeds.importing.sending import MAX_BYTES, MAX_ROWS, Answer, Fault, Prepared, Sender, SendingFailed
from seeds.importing.sources import source_of

IN_FLIGHT = 2
"""Batches under way at once: the platform reads one while it stores the other."""
LOOKED_AT = 50
"""Rows in which at least one must be readable for the layout to be known."""


@dataclass
class Account:
    """Where every row went. After a full run, read = accepted + unchanged + refused."""

    profile: str = ""
    source: str = ""
    encoding: str = ""
    read: int = 0
    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    done_to_line: int = 0
    """Every row up to this line is in or refused."""
    stopped: str = ""
    """Why it ended early; empty when it did not."""

    @property
    def accounted(self) -> int:
        return self.accepted + self.unchanged + self.refused

    @property
    def rows_per_second(self) -> float:
        return self.read / self.seconds if self.seconds else 0.0


@dataclass
class Watchers:
    """Who wants to know: each refused row, each value left out, and how far it is (bytes of the file, its size)."""

    refused: Callable[[Fault], None]
    left_out: Callable[[Fault], None]
    progress: Callable[[Account, int, int], None]


SenderFor = Callable[[str], Sender]
Sent = tuple[int, Future[Answer]]


def load(
    kind: str, path: Path, wanted: str, limit: int, sender_for: SenderFor, watch: Watchers, source: str = ""
) -> Account:
    """Import a file; `sender_for(source)` is asked once the layout is known, which names the source unless it is given.

    A file that breaks off, a platform that stays away and Ctrl-C end it early, with `stopped` saying so and
    everything sent until then accounted for. Raises FileUnreadable and LayoutUnknown before anything was sent.
    """
    began = time.perf_counter()
    with source_of(path) as file:
        rows = file.rows
        start = list(islice(rows, LOOKED_AT))
        profile = _layout(kind, start, wanted)
        beside = Beside(path.parent, path.name.partition(".")[0])
        account = Account(profile.name, source or profile.source_of(beside), file.encoding)
        sender = sender_for(account.source)
        began = time.perf_counter()
        run = _Run(profile, beside, sender, watch, account)
        every = chain(start, rows)
        try:
            run.carry_out(islice(every, limit) if limit else every, lambda: (file.position(), file.size))
        except (FileUnreadable, *BREAKS) as damage:
            account.stopped = f"The file breaks off: {damage}"
        except SendingFailed as failure:
            account.stopped = f"The platform does not take the rows: {failure}"
        except KeyboardInterrupt:
            account.stopped = "Stopped by Ctrl-C."
        account.seconds = time.perf_counter() - began
    return account


def _layout(kind: str, start: list[Record | Broken], wanted: str) -> Profile:
    columns: dict[str, None] = {}
    for row in start:
        if isinstance(row, Record):
            columns.update(dict.fromkeys(row.cells))
    if not columns:
        first = next((row for row in start if isinstance(row, Broken)), None)
        reason = f" Line {first.line} {first.reason}." if first else ""
        raise LayoutUnknown(f"None of the first {len(start)} rows can be read.{reason}")
    return choose(kind, columns, wanted)


class _Run:
    def __init__(self, profile: Profile, beside: Beside, sender: Sender, watch: Watchers, account: Account) -> None:
        self._profile = profile
        self._beside = beside
        self._sender = sender
        self._watch = watch
        self._account = account
        self._seen: dict[str, tuple[int, bytes]] = {}
        self._sent: deque[Sent] = deque()
        self._whole = True

    def carry_out(self, rows: Iterator[Record | Broken], position: Callable[[], tuple[int, int]]) -> None:
        batch: list[Prepared] = []
        size, last = 0, 0
        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="import") as pool:
            try:
                for row in rows:
                    self._account.read += 1
                    last = row.line
                    prepared = self._prepared(row)
                    if prepared is None:
                        continue
                    if len(batch) == MAX_ROWS or (batch and size + len(prepared.body) > MAX_BYTES):
                        self._hand_over(pool, batch, last - 1)
                        self._watch.progress(self._account, *position())
                        batch, size = [], 0
                    batch.append(prepared)
                    size += len(prepared.body)
                if batch:
                    self._hand_over(pool, batch, last)
            except (FileUnreadable, *BREAKS):
                if batch:
                    self._hand_over(pool, batch, last)
                self._settle_all()
                raise
            except (KeyboardInterrupt, SendingFailed):
                self._sender.stop()
                self._settle_all()  # what is under way is finished, what was only read is not sent
                raise
            self._settle_all()
        self._account.done_to_line = last
        self._watch.progress(self._account, *position())

    def _hand_over(self, pool: ThreadPoolExecutor, batch: list[Prepared], to_line: int) -> None:
        while len(self._sent) >= IN_FLIGHT:
            self._settle()
        self._sent.append((to_line, pool.submit(self._sender.send, batch)))

    def _settle_all(self) -> None:
        failure: SendingFailed | None = None
        while self._sent:
            try:
                self._settle()
            except SendingFailed as one:
                failure = failure or one
        if failure:
            raise failure

    def _settle(self) -> None:
        to_line, future = self._sent[0]
        try:
            answer = future.result()
        except SendingFailed:
            self._sent.popleft()
            self._whole = False
            raise
        self._sent.popleft()
        self._account.accepted += answer.accepted
        self._account.unchanged += answer.unchanged
        self._account.refused += answer.refused
        if self._whole:
            self._account.done_to_line = to_line
        told: set[int] = set()
        for fault in answer.faults:
            self._tell(fault, counted=fault.line in told)
            told.add(fault.line)

    def _prepared(self, row: Record | Broken) -> Prepared | None:
        """The row as it will be sent; None when it is refused or repeats an earlier one."""
        if isinstance(row, Broken):
            return self._refuse(row, "", row.reason)
        cells = Cells(row.cells)
        try:
            mapped = without_nothing(self._profile.row(cells, self._beside))
            body = json.dumps(mapped, ensure_ascii=False, separators=(",", ":")).encode()
        except Unusable as fault:
            return self._refuse(row, fault.field, fault.reason)
        except UnicodeEncodeError:
            return self._refuse(row, "", "contains half a character (an unpaired surrogate)")
        key = str(
            mapped.get("number") or mapped.get("orcid") or f"{mapped.get('name')}\n{mapped.get('region')}"
        ).lower()
        digest = hashlib.blake2b(body, digest_size=16).digest()
        earlier = self._seen.setdefault(key, (row.line, digest))
        if earlier[0] != row.line:
            if earlier[1] == digest:
                self._account.unchanged += 1
                return None
            return self._refuse(row, "number", "stands in the file twice, with different contents", earlier[0])
        for name, reason in cells.left_out:
            self._account.left_out[f"{name}: {_kind_of(reason)}"] += 1
            self._watch.left_out(Fault(row.line, name, reason, row.raw))
        return Prepared(row.line, row.raw[:400], body)

    def _refuse(self, row: Record | Broken, field: str, reason: str, earlier: int | None = None) -> Prepared | None:
        self._account.refused += 1
        words = f"{reason} (first in line {earlier})" if earlier else reason
        self._tell(Fault(row.line, field, words, row.raw), of_kind=reason)
        return None

    def _tell(self, fault: Fault, *, counted: bool = False, of_kind: str = "") -> None:
        if not counted:
            self._account.errors[f"{fault.field or 'row'}: {of_kind or _kind_of(fault.reason)}"] += 1
        self._watch.refused(fault)


def _kind_of(reason: str) -> str:
    """The reason without the value in it, so that equal faults are counted together."""
    quote = reason[:1] if reason[:1] in "'\"" else ""
    end = reason.rfind(quote + " ") if quote else -1
    return "the value" + reason[end + 1 :] if end > 0 else reason
