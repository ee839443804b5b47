"""The process that imports torch, once for all zygotes, and forks one of them whenever it is asked to.

Nothing of the user's runs here, and no job is known here. Its standard input is a socket: every byte that comes brings
another socket with it, that of a zygote to be. Its working directory is the run's own and goes when it goes.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import socket
import sys
import warnings
from typing import Any

from scriptlint.confirm.child import zygote


def launch(work: zygote.Work) -> None:
    """Import torch and fork zygotes until nobody can ask for one any more; then everything is ended and tidied up.

    `work` is called in the process of each job with the job and the descriptor to which it reports (see `job.Speaker`).
    """
    control = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    hello = _with_torch()
    while (fd := _asked(control)) is not None:
        if os.fork() == 0:
            control.close()
            zygote.live(fd, hello, work)
        os.close(fd)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    with contextlib.suppress(ChildProcessError):
        while os.wait():
            pass
    shutil.rmtree(os.getcwd(), ignore_errors=True)  # the runner may have been killed
    os._exit(0)


def _asked(control: socket.socket) -> int | None:
    """Return the descriptor of the next zygote's socket."""
    with contextlib.suppress(OSError):
        _, fds, _, _ = socket.recv_fds(control, 1, 1)
        return fds[0] if fds else None
    return None


def _with_torch() -> dict[str, Any]:
    """Import torch, and use it once, so that no job has to do first what all do first; say which torch it is."""
    warnings.simplefilter("ignore")
    gc.disable()  # what an import makes stays: looking for garbage in it takes a tenth of the time
    try:
        import torch
    except BaseException as error:
        return {"ready": False, "reason": f"{type(error).__name__}: {error}".splitlines()[0]}
    torch.set_num_threads(1)
    with contextlib.suppress(Exception):
        from scriptlint.confirm.child import warm

        warm.up()
    gc.freeze()  # jobs share these pages as long as nobody writes to them, which a collection would
    gc.enable()
    return {
        "ready": True,
        "torch": torch.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "cuda": torch.version.cuda is not None,
    }
