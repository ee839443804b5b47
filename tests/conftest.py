"""What tests of every kind share."""

import os
from collections.abc import Iterator

import pytest

from tests.judge import Judge


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """The real torch, imported once for all tests of this process."""
    with Judge() as one:
        yield one


@pytest.fixture(scope="session", autouse=True)
def _own_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tests' caches have a key of their own, also in processes that they start."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("home-cache"))
    yield
    del os.environ["XDG_CACHE_HOME"]
    if before is not None:
        os.environ["XDG_CACHE_HOME"] = before
