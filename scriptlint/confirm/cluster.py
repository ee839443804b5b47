"""Jobs on a Dask cluster: its workers see the same files, and have scriptlint and the interpreter that is named."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any, cast


class ClusterMissing(Exception):
    """There is no cluster to run on; the message is one sentence."""


def executor(address: str) -> Executor:
    """Return the cluster's executor. A job whose worker dies is run again by another one; raises ClusterMissing."""
    try:
        import distributed
    except ImportError:
        raise ClusterMissing("--executor: a cluster needs `pip install scriptlint[cluster]`") from None
    try:
        client = cast(Any, distributed).Client(address, timeout=20)
    except (OSError, ValueError, TimeoutError) as error:
        reason = str(error).splitlines()[0]
        raise ClusterMissing(f"--executor: there is no scheduler at {address}: {reason}") from None
    return cast(Executor, client.get_executor(pure=False, retries=2))
