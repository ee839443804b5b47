"""One function per kind of node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Handler = TypeVar("Handler", bound=Callable[..., object])


class Dispatch(dict[type, Handler]):
    """Handlers by the exact type of what they handle; a function enters under `@table.on(Kind, ...)`."""

    def on(self, *kinds: type) -> Callable[[Handler], Handler]:
        """Register the function below for each of some types."""

        def register(handler: Handler) -> Handler:
            self.update(dict.fromkeys(kinds, handler))
            return handler

        return register
