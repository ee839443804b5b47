"""The process of the project's interpreter that imports torch and forks zygotes (see `child.nursery`), as the runner
sees it: started at once, so that torch is imported while other things are done, and asked for a zygote when there is work.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

# The child finds its package without the packages above it being run: they may need what its interpreter does not have.
BOOT = """
import runpy, sys, types
sys.path[:] = [one for one in sys.path if one]
for name, path in (("scriptlint", sys.argv[1]), ("scriptlint.confirm", sys.argv[2])):
    package = types.ModuleType(name)
    package.__path__ = [path]
    sys.modules[name] = package
program = sys.argv[3]
sys.argv[1:] = []
runpy.run_path(program, run_name="__main__")
"""
SERVE = Path(__file__).parent / "child" / "__main__.py"
PATIENCE = 20.0  # seconds that it may take to end what it started


# What the interpreter, the loader of libraries, torch and CUDA are told by the environment. Tokens and passwords are not
# among it: a model has no use for them.
_NEEDED = frozenset(
    "PATH HOME USER LOGNAME LANG LANGUAGE TZ PYTHONPATH PYTHONHOME PYTHONHASHSEED VIRTUAL_ENV CONDA_PREFIX LD_LIBRARY_PATH"
    " DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME".split()
)
_PREFIXES = ("LC_", "OMP_", "MKL_", "KMP_", "OPENBLAS_", "CUDA_", "NVIDIA_", "PYTORCH_", "TORCH_", "ATEN_")


def needed(environment: Mapping[str, str], more: Collection[str]) -> dict[str, str]:
    """Return the part of an environment that a process of torch needs, and the variables `more`."""
    return {
        name: value
        for name, value in environment.items()
        if name in _NEEDED or name in more or name.startswith(_PREFIXES)
    }


class CannotRun(Exception):
    """The interpreter cannot be used; the message is one sentence."""


class Nursery:
    """One such process under `python`, started again after it died.

    `serve` is the Python file that it executes, which calls `launch` of `child.nursery`; `pass_env` are variables of the
    environment that it sees beside those it needs. Threads may share it.
    """

    def __init__(self, python: str | None, serve: Path = SERVE, pass_env: Sequence[str] = ()) -> None:
        self.python = python or sys.executable
        self._serve = serve
        self._pass_env = pass_env
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._asked = False

    def start(self) -> None:
        """Start the process if there is none, and wait for nothing; raises CannotRun."""
        with self._lock:
            self._started()

    def zygote(self) -> socket.socket:
        """Return what speaks with a new zygote, which may not have been forked yet; raises CannotRun."""
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            control = self._started()
            self._asked = True
            with contextlib.suppress(OSError):  # it has just died: the other end hears so
                socket.send_fds(control, [b"+"], [theirs.fileno()])
        return ours

    def _started(self) -> socket.socket:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._control is not None:
            return self._control
        if not hasattr(os, "fork"):
            raise CannotRun("confirm runs every object in a process that is forked, which Windows cannot do; WSL can")
        # Jobs have their working directories in here, so that nothing of them outlives the run.
        self._folder = tempfile.TemporaryDirectory(prefix="scriptlint-confirm-", ignore_cleanup_errors=True)
        environment = {**needed(os.environ, self._pass_env), "PYTORCH_JIT": "1", "TMPDIR": self._folder.name}
        environment.setdefault("OMP_NUM_THREADS", "1")
        package = Path(__file__).parent
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [self.python, "-c", BOOT, str(package.parent), str(package), str(self._serve)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=self._folder.name,
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise CannotRun(f"{self.python} cannot be started: {error.strerror}") from None
        self._control = ours
        return ours

    def close(self) -> None:
        """End the process; the zygotes' sockets must have been closed."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            if not self._asked:
                self._process.kill()  # it has started nothing, and may still be importing torch
            try:
                self._process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._folder is not None:
            self._folder.cleanup()
        self._process = self._control = self._folder = None
        self._asked = False
