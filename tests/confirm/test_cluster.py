"""Jobs on a real Dask scheduler with two workers, one of which is killed while it works."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from scriptlint.cli.confirm import executor_of
from scriptlint.confirm.runner import How, run
from tests.confirm.jobs import job

SLOW = """
import time
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        time.sleep(1)

    def forward(self, x):
        return x
"""


def test_a_worker_that_dies_costs_nothing(tmp_path: Path) -> None:
    import distributed

    path = tmp_path / "slow.py"
    path.write_text(SLOW, encoding="utf-8")
    jobs = [job(path, "Net()", asks=["script"]) for _ in range(6)]
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        executor = executor_of(f"dask:{cluster.scheduler_address}")
        assert executor is not None
        found = {}
        for number, answer in run(jobs, How(), executor=executor):
            if not found:
                os.kill(cluster.workers[0].pid, signal.SIGKILL)
            found[number] = answer
        executor.shutdown()
    assert sorted(found) == list(range(6))
    assert all(one["rounds"][0]["refusal"] is None for one in found.values()), found
