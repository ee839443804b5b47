"""What a run is asked to do, and under which interpreter and limits that is done."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import msgspec

from scriptlint.confirm.runner import How
from scriptlint.engine.environment import interpreter
from scriptlint.engine.settings import Settings
from scriptlint.engine.sizes import size


@dataclass
class Options:
    """What the command line says; None leaves a limit to the settings.

    `first` stops at the first refusal of each object; `compile_only` asks nothing but whether it compiles; `values`
    also asks what the original gives.
    """

    jobs: int = 0
    timeout: float | None = None
    memory: str | None = None
    network: bool = False
    guess: bool = False
    first: bool = False
    compile_only: bool = False
    values: bool = False
    tree: bool = False
    cache: bool = True
    executor: Executor | None = None


def how(settings: Settings, options: Options) -> How:
    """Under which interpreter and limits the jobs of these settings run."""
    given = settings.confirm
    memory = options.memory or given.get("memory")
    timeout = options.timeout or given.get("timeout")
    known = How(
        python=interpreter(settings.python, settings.root),
        network=options.network or bool(given.get("network")),
        pass_env=tuple(given.get("pass-env", ())),
    )
    if memory is not None:
        known = msgspec.structs.replace(known, memory=size(memory))
    return known if timeout is None else msgspec.structs.replace(known, timeout=float(timeout))
