"""Modules that mean harm, or do it without meaning to: each costs its own verdict, within the limits, and nothing more.

Every one of them runs with namespaces, where the kernel helps, and without, where the zygote must do it alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scriptlint.confirm.runner import How, Zygote
from tests.confirm.jobs import job

TIMEOUT = 1.0  # for what is ended by it alone
PATIENCE = 600.0  # for all else, on the slowest machine
GOOD = """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x + 1
"""
# What stands in `__init__` of a module, and how its process ends.
HOSTILE = {
    "endless loop": ("while True: pass", "timeout"),
    "endless loop that ignores signals": (
        "import signal\nfor one in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM): signal.signal(one, signal.SIG_IGN)\n"
        "while True: pass",
        "timeout",
    ),
    "os._exit": ("import os; os._exit(0)", "exit 0"),
    "sys.exit": ("import sys; sys.exit(3)", "done"),
    "fork bomb": (
        "import os, time\nfor _ in range(50):\n    if os.fork() == 0:\n        time.sleep(60)\n        os._exit(0)\n"
        "time.sleep(60)",
        "processes",
    ),
    "processes of other sessions": (
        "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
        "            time.sleep(60)\n        os._exit(0)",
        "done",
    ),
    "20 GB": ("import torch; self.x = torch.ones(20 * 2**30 // 4)", "done"),
    "20 GB in bytes": ("self.x = bytearray(20 * 2**30)", "done"),
    "flood": ("while True: print('x' * 100000)", "timeout"),
    "flood of file descriptors": (
        "import os\nwhile True:\n    for fd in range(3, 20):\n        try: os.write(fd, b'[1]\\n' * 1000)\n"
        "        except OSError: pass",
        None,
    ),
    "SIGKILL of itself": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
    "SIGKILL of its parent": (
        "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(0.2)",
        None,
    ),
    "segmentation fault": ("import ctypes; ctypes.string_at(0)", "signal 11"),
    "threads": (
        "import threading, time\nfor _ in range(8): threading.Thread(target=time.sleep, args=(60,)).start()",
        "done",
    ),
    "deletes its source": ("import os; os.remove(__file__)", "done"),
    "reads standard input": ("input()", "done"),
    "closes everything": ("import os; os.closerange(0, 100)", None),
    "CUDA": ("import torch; torch.zeros(1).cuda()", "done"),
    "a demon that lets go of everything": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.closerange(0, 256)\n"
        "        time.sleep(60)\n    os._exit(0)",
        "done",
    ),
    "nonsense in the report": (
        'import os\nos.write(3, b\'{"part": "rounds", "value": 7}\\n{"part": "trace", "value": []}\\n{"done": true}\\n\')',
        "forged",
    ),
    "no working directory": ("import os, shutil; shutil.rmtree(os.getcwd())", "done"),
    "a working directory that may not be entered": ("import os; os.makedirs('a/b'); os.chmod('a', 0)", "done"),
    "no streams": ("import sys; sys.stdout = sys.stderr = None", "done"),
    "streams that raise": (
        "import sys\nclass Stream:\n    def flush(self): raise OSError\nsys.stdout = Stream()",
        "done",
    ),
    "a profiler that raises": ("import sys; sys.setprofile(lambda *_: 1 / 0)", None),
    "an error that cannot be printed": ("class E(Exception):\n    def __str__(self): raise E\nraise E", "done"),
    "an error of 1 GB": ("raise ValueError('x' * 2**30)", None),
    "an error that is no text": ("raise ValueError('\\udc80')", "done"),
    "output that is no text": ("import os; os.write(1, bytes(range(256)))", "done"),
    "recursion": ("def f(): return f()\nf()", "done"),
    "a description that raises": ("type(self).extra_repr = lambda _: 1 / 0", "done"),
    "another program": ("import os; os.execvp('sleep', ['sleep', '60'])", "timeout"),
    "stops itself": ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "timeout"),
    "stops its parent": ("import os, signal, time; os.kill(os.getppid(), signal.SIGSTOP); time.sleep(60)", None),
    "ends its process group": ("import os; os.killpg(0, 9)", "signal 9"),
    "fills the disk": ("with open('big', 'wb') as f:\n    while True: f.write(bytes(1 << 24))", None),
    "all descriptors": ("import os\nx = []\nwhile True: x.append(os.dup(1))", "done"),
    "another terminal": ("import os, pty, time\nif pty.fork()[0] == 0: time.sleep(60)", "done"),
    "exits when it ends": ("import atexit, os, time; atexit.register(time.sleep, 60)", "done"),
}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the jobs of this module have their working directories."""
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module", params=[True, False], ids=["namespaces", "bare"])
def isolate(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def started(isolate: bool, timeout: float, jobs: Path) -> Iterator[Zygote]:
    one = Zygote(How(timeout=timeout, isolate=isolate))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(jobs))
        one.start()
    yield one
    one.close()


@pytest.fixture(scope="module")
def zygote(isolate: bool, jobs: Path) -> Iterator[Zygote]:
    yield from started(isolate, PATIENCE, jobs)


@pytest.fixture(scope="module")
def hasty(isolate: bool, jobs: Path) -> Iterator[Zygote]:
    yield from started(isolate, TIMEOUT, jobs)


def write(folder: Path, body: str) -> Path:
    lines = "\n        ".join(body.splitlines())
    path = folder / f"hostile{abs(hash(body))}.py"
    path.write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        {lines}\n\n    def forward(self, x):\n        return x\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("name", HOSTILE)
def test_costs_its_own_verdict_only(name: str, zygote: Zygote, hasty: Zygote, jobs: Path, tmp_path: Path) -> None:
    body, end = HOSTILE[name]
    watched = hasty if end in ("timeout", None) else zygote
    answer = watched.run(job(write(tmp_path, body), "Net()", paths=[str(tmp_path)]))
    if end is not None:
        assert answer["end"] == end, answer
    assert len(answer["output"]) < 100_000
    assert left_behind(jobs) == set()
    assert list(jobs.glob("*/*/*")) == []

    good = tmp_path / "good.py"
    good.write_text(GOOD, encoding="utf-8")
    assert refusals(zygote.run(job(good, "Net()"))) == [None]
    if watched is not zygote:
        assert watched.run(job(good, "Net()"))["end"] in ("done", "timeout")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import torch; torch.zeros(1).cuda()", "CUDA"),
        ("import torch; self.x = torch.ones(20 * 2**30 // 4)", "can't allocate memory"),
        ("input()", "EOFError"),
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
        ("class E(Exception):\n    def __str__(self): raise E\nraise E", "an error that cannot be printed"),
    ],
)
def test_says_why_nothing_was_built(body: str, words: str, zygote: Zygote, tmp_path: Path) -> None:
    failure = zygote.run(job(write(tmp_path, body), "Net()"))["failure"]
    assert failure["stage"] == "build"
    assert re.search(words, f"{failure['error']}: {failure['message']}")
    assert failure["place"][1] == 6 + len(body.splitlines())


def test_nothing_outlives_a_runner_that_is_killed(jobs: Path, tmp_path: Path) -> None:
    path = write(tmp_path, "import time; print('here', flush=True); time.sleep(60)")
    program = (
        "import sys, tempfile; tempfile.tempdir = sys.argv[1]\n"
        "from pathlib import Path\nfrom scriptlint.confirm.runner import How, Zygote\nfrom tests.confirm.jobs import job\n"
        "Zygote(How()).run(job(Path(sys.argv[2]), 'Net()'), lambda name: print(name, flush=True))\n"
    )
    command = [sys.executable, "-c", program, str(jobs), str(path)]
    runner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent.parent)
    assert runner.stdout is not None
    assert [runner.stdout.readline() for _ in range(2)] == ["import\n", "build\n"]
    runner.kill()
    runner.wait()
    runner.stdout.close()
    while left_behind(jobs) or list(jobs.glob("*/*/job-*")):
        time.sleep(0.1)


def test_nothing_reaches_the_network(tmp_path: Path) -> None:
    body = "import socket; socket.create_connection(('192.0.2.1', 9), 1)"
    zygote = Zygote(How(timeout=PATIENCE))
    try:
        answer = zygote.run(job(write(tmp_path, body), "Net()"))
        assert not zygote.hello["isolated"] or "unreachable" in answer["failure"]["message"]
    finally:
        zygote.close()


def test_a_crash_of_the_compiler_costs_the_question_only(zygote: Zygote, tmp_path: Path) -> None:
    path = tmp_path / "crash.py"
    path.write_text(
        "import os\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    @property\n    def odd(self):\n"
        "        os.kill(os.getpid(), 11)\n\n    def forward(self, x):\n        return x\n",
        encoding="utf-8",
    )
    answer = zygote.run(job(path, "Net()", inputs="torch.rand(2)"))
    assert answer["end"] == "done"
    assert answer["rounds"][0]["crash"] == "signal 11"


def test_results_that_were_reported_outlive_what_follows(isolate: bool, tmp_path: Path, jobs: Path) -> None:
    path = tmp_path / "late.py"
    path.write_text(
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n"
        "        if torch.jit.is_tracing():\n            while True:\n                pass\n        return x\n",
        encoding="utf-8",
    )
    for zygote in started(isolate, 10.0, jobs):  # long enough to run it, and what is waited for when it is traced
        answer = zygote.run(job(path, "Net()", inputs="torch.rand(2)"))
    assert answer["end"] == "done"
    assert answer["trace crash"] == "timeout"
    assert answer["run"]["differs"] is None


def refusals(answer: dict[str, Any]) -> list[Any]:
    return [one["refusal"] for one in answer["rounds"]]


def left_behind(folder: Path) -> set[str]:
    """The processes that work in a folder below this one, which may be gone."""
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            where = os.readlink(f"/proc/{name}/cwd")
        except OSError:
            continue
        if where.startswith(str(folder)) and "/job-" in where:
            found.add(name)
    return found
