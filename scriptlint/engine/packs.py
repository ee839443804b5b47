"""The packs that settings name: found among what is installed beside scriptlint, and put where their facts are asked for.

A pack is code, and a project's settings come with the project: only what the user has installed where scriptlint itself runs
is ever imported, never a file of the project.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from scriptlint.engine.pack import Pack
    from scriptlint.engine.settings import Settings
    from scriptlint.torchlib.library import Library

GROUP = "scriptlint.rules"
_CODE = re.compile(r"(?!SL\d)[A-Z]{2,}\d{3}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


class PackError(Exception):
    """The pack `name` is not installed, or not in order; the message is one sentence without the file that names it."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


class Loaded(NamedTuple):
    """A pack and what its answers depend on: its version, and the state of its files."""

    name: str
    pack: Pack
    stamp: tuple[str, ...]


@cache
def load(name: str) -> Loaded:
    """Return the installed pack of this name, and make its rules known. Raises PackError."""
    from importlib.metadata import entry_points  # a run without packs does not pay for it

    from scriptlint.engine import registry
    from scriptlint.engine.pack import Pack

    found = list(entry_points(group=GROUP, name=name))
    if not found:
        raise PackError(name, f"there is no pack `{name}` where scriptlint is installed{_others()}")
    try:
        pack = found[0].load()
    except Exception as error:  # whatever the code of a pack does
        raise PackError(name, f"the pack `{name}` cannot be loaded: {_words(error)}") from None
    if not isinstance(pack, Pack):
        raise PackError(name, f"the pack `{name}` must be a `scriptlint.pack.Pack`, and is a `{type(pack).__name__}`")
    problem = next(_problems(pack), None)
    if problem is not None:
        raise PackError(name, f"the pack `{name}` is not in order: {problem}")
    try:
        registry.add(pack.rules, pack.pages)
    except registry.BrokenRegistry as error:
        raise PackError(name, f"the pack `{name}` is not in order: {error}") from None
    return Loaded(name, pack, _stamp(found[0]))


def packs_of(settings: Settings) -> list[Loaded]:
    """Return the packs that settings name. Raises SettingsError where one is not in order."""
    try:
        return [load(name) for name in settings.packs]
    except PackError as error:
        raise settings.error("packs", str(error)) from None


def with_facts(library: Library, packs: Sequence[Loaded]) -> Library:
    """Return a library that knows the facts of some packs as well."""
    operators = [schema for one in packs for schema in one.pack.operators]
    scripts = [(name, "script") for one in packs for name in one.pack.scripts]
    traces = [(name, "trace") for one in packs for name in one.pack.traces]
    return _extended(library, tuple(operators), (*scripts, *traces)) if operators or scripts or traces else library


@cache
def _extended(library: Library, operators: tuple[str, ...], compilers: tuple[tuple[str, str], ...]) -> Library:
    return library.extended(operators, dict(compilers))


def compilers(packs: Iterable[Loaded]) -> frozenset[str]:
    """Return the last names of the functions that compile what they are given."""
    return frozenset(name.rpartition(".")[2] for one in packs for name in (*one.pack.scripts, *one.pack.traces))


def _problems(pack: Pack) -> Iterator[str]:
    from scriptlint.diag import Fixable, Target
    from scriptlint.torchlib.schema import Schema
    from scriptlint.types.parse import TypeSyntaxError

    for rule in pack.rules:
        if not _CODE.fullmatch(rule.code):
            yield f"`{rule.code}` is not a code such as `ACME001`; those with SL are scriptlint's own"
        if not _NAME.fullmatch(rule.name):
            yield f"`{rule.name}` is not a name of words with dashes between them"
        if rule.target is not Target.TOOL or rule.compiler is not None or rule.fixable is not Fixable.NEVER:
            yield f"{rule.code} must have the target TOOL and no words of the compiler, and cannot be fixed"
    for schema in pack.operators:
        try:
            has_space = "::" in Schema(schema).name
        except TypeSyntaxError as error:  # noqa: PERF203 - a handful
            yield f"`{schema}` is not a schema: {error}"
        else:
            if not has_space:
                yield f"`{schema}` does not name its namespace, as in `acme::crop(Tensor x) -> Tensor`"
    for name in (*pack.scripts, *pack.traces):
        if not _DOTTED.fullmatch(name):
            yield f"`{name}` is not the dotted name of a function"


def _stamp(entry: EntryPoint) -> tuple[str, ...]:
    """Return what changes when another state of a pack is installed, or a file of it is edited."""
    import importlib.util

    version = entry.dist.version if entry.dist is not None else ""
    spec = importlib.util.find_spec(entry.module.partition(".")[0])
    tops = list(spec.submodule_search_locations or ()) if spec is not None else []
    files = [os.path.join(folder, file) for top in tops for folder, _, names in os.walk(top) for file in names]
    if spec is not None and spec.origin is not None:
        files.append(spec.origin)
    return (entry.value, version, *_states(one for one in files if one.endswith(".py")))


def _states(files: Iterable[str]) -> Iterator[str]:
    for path in sorted(set(files)):
        with suppress(OSError):  # a link that leads nowhere
            status = os.stat(path)
            yield f"{path} {status.st_size} {status.st_mtime_ns}"


def _others() -> str:
    from importlib.metadata import entry_points

    names = sorted({one.name for one in entry_points(group=GROUP)})
    return f" (there is: {', '.join(names)})" if names else "; install the package that has it there"


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
