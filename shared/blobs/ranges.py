"""A seekable file over an object that can be read by ranges."""

import functools
import io
from collections.abc import Callable
from typing import Any


class RangeFile(io.RawIOBase):
    """Reads an object piece by piece, keeping the last few pieces."""

    BLOCK = 2**20
    KEPT = 4

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._size = size
        self._at = 0
        self._block = functools.lru_cache(self.KEPT)(
            lambda n: fetch(n * self.BLOCK, min(self.BLOCK, size - n * self.BLOCK))
        )

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("seek before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        number, inside = divmod(self._at, self.BLOCK)
        wanted = min(len(buffer), self.BLOCK - inside, self._size - self._at)
        if wanted <= 0:
            return 0
        piece = self._block(number)[inside : inside + wanted]
        if not piece:
            raise OSError("the object is shorter than it was")
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
