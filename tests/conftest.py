"""What tests of every kind share."""

from collections.abc import Iterator

import pytest

from tests.judge import Judge


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """The real torch, imported once for all tests of this process."""
    with Judge() as one:
        yield one
