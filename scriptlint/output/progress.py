"""How far a long run is: on a terminal that can rewrite a line only, and only once a person would begin to wonder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from scriptlint.engine.paths import printable, shown


class Progress:
    """Called with (done, total, path) as files are done; `clear` removes what it wrote."""

    def __init__(
        self,
        stream: TextIO,
        *,
        patience: float = 1.0,
        pause: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._stream = stream
        self._on = stream.isatty() and environment.get("TERM") != "dumb"
        self._clock = clock
        self._pause = pause
        self._next = clock() + patience
        self._written = False

    def __call__(self, done: int, total: int, path: str) -> None:
        """Say that `done` of `total` files are done, the last one being `path`."""
        if self._on and self._clock() >= self._next:
            self._next = self._clock() + self._pause
            self._written = True
            self._stream.write(f"\r\x1b[2K[{done}/{total}] {printable(shown(path))[-60:]}")
            self._stream.flush()

    def clear(self) -> None:
        """Leave the line empty for what is printed next."""
        if self._written:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
            self._written = False
