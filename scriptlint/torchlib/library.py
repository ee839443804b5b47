"""The library: typed questions to a snapshot.

A name given to a lookup may be any under which a user's import reaches the thing: it is made canonical first. Nothing is
decoded before it is asked for; opening a snapshot and asking the first question costs a few milliseconds.
"""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from scriptlint.torchlib.records import Dispatch, Exists, NNModule, PythonFunction, Signature
from scriptlint.torchlib.schema import Schema
from scriptlint.torchlib.snapshot import HOME, SUFFIX, Snapshot
from scriptlint.types.model import Type
from scriptlint.types.parse import parse_annotation

DEFAULT_VERSION = "2.13.0"
# torch's files from which older code imports the names of typing.
_REEXPORTING = frozenset({"torch._jit_internal", "torch.jit.annotations"})

# Modules whose names do not depend on how torch was built.
_WHOLE = frozenset(
    "torch torch.nn torch.nn.functional torch.nn.init torch.linalg torch.fft torch.special torch.jit math cmath".split()
)


class SnapshotMissing(Exception):
    """No snapshot serves the wanted version of torch; the message names the command that makes one."""

    def __init__(self, version: str, known: list[str]) -> None:
        super().__init__(
            f"no snapshot of torch {version} (there is: {', '.join(known) or 'none'}); "
            f"make one with `scriptlint snapshot --python PY`, where PY is an interpreter with torch {version}"
        )


def available(folders: tuple[Path, ...] = (HOME,)) -> dict[str, Path]:
    """Version -> snapshot file; a version found in an earlier folder hides that of a later one."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"torch-*{SUFFIX}")):
            found.setdefault(path.name[len("torch-") : -len(SUFFIX)], path)
    return found


def load(version: str | None = None, folders: tuple[Path, ...] = (HOME,)) -> Library:
    """Return the library of `version`: exactly that, else the nearest of the same minor version, else SnapshotMissing.

    None means the version that scriptlint ships. `folders` are searched in order.
    """
    known = available(folders)
    wanted = version or (
        DEFAULT_VERSION if DEFAULT_VERSION in known else max(known, key=_numbers, default=DEFAULT_VERSION)
    )
    wanted = wanted.split("+")[0]
    if wanted in known:
        return _open(known[wanted])
    numbers = _numbers(wanted)
    same_minor = [other for other in known if _numbers(other)[:2] == numbers[:2]]
    if not same_minor or len(numbers) < 2:
        raise SnapshotMissing(wanted, sorted(known, key=_numbers))
    patch = numbers[2] if len(numbers) > 2 else 0
    nearest = min(same_minor, key=lambda other: abs((*_numbers(other), 0)[2] - patch))
    return _open(known[nearest])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


@functools.lru_cache(maxsize=4)
def _open(path: Path) -> Library:
    return Library(Snapshot(path))


class Library:
    """What one version of torch offers to TorchScript.

    `operators` are schemas of operators that other libraries register; `compilers` are functions of packages that are not
    followed, by their dotted names, and whether they "script" or "trace" what they are given first.
    """

    def __init__(
        self, snapshot: Snapshot, operators: Iterable[str] = (), compilers: Mapping[str, str] | None = None
    ) -> None:
        self._snapshot = snapshot
        self._operators: dict[str, list[str]] = {}
        for text in operators:
            self._operators.setdefault(Schema(text).name, []).append(text)
        self.compilers = dict(compilers or {})
        self._schemas: dict[str, tuple[Schema, ...]] = {}
        self._functions: dict[str, PythonFunction | None] = {}
        self._modules: dict[str, NNModule | None] = {}

    @functools.cached_property
    def compiler_names(self) -> frozenset[str]:
        """The last names of the compilers of other packages, by which their calls are found in a text."""
        return frozenset(name.rpartition(".")[2] for name in self.compilers)

    def extended(self, operators: Iterable[str], compilers: Mapping[str, str]) -> Library:
        """Return a library of the same torch that knows these operators and compilers as well."""
        return Library(self._snapshot, operators, compilers)

    # --- sections, unpacked when first asked for ---

    @functools.cached_property
    def _meta(self) -> dict[str, str]:
        return self._snapshot.strings("meta")

    @functools.cached_property
    def _registered(self) -> dict[str, msgspec.Raw]:
        return self._snapshot.section("schemas")

    @functools.cached_property
    def _written(self) -> dict[str, msgspec.Raw]:
        return self._snapshot.section("written")

    @functools.cached_property
    def _builtins(self) -> dict[str, str]:
        return self._snapshot.strings("builtins")

    @functools.cached_property
    def _aliases(self) -> dict[str, str]:
        return self._snapshot.strings("aliases")

    @functools.cached_property
    def _packages(self) -> dict[str, str]:
        return self._snapshot.strings("packages")

    @functools.cached_property
    def _function_records(self) -> dict[str, msgspec.Raw]:
        return self._snapshot.section("functions")

    @functools.cached_property
    def _module_records(self) -> dict[str, msgspec.Raw]:
        return self._snapshot.section("modules")

    @functools.cached_property
    def _names(self) -> dict[str, msgspec.Raw]:
        return self._snapshot.section("names")

    @functools.cached_property
    def _tensor(self) -> dict[str, Type]:
        return {name: parse_annotation(text) for name, text in self._snapshot.strings("tensor").items()}

    @functools.cached_property
    def _tuples(self) -> dict[str, msgspec.Raw]:
        return self._snapshot.section("tuples")

    # --- names ---

    @property
    def version(self) -> str:
        """The version of torch that was asked, as `2.13.0`."""
        return self._meta["torch"]

    @functools.cache  # noqa: B019 - a library lives as long as the process
    def canonical(self, dotted: str) -> str:
        """Return the public name of what `dotted` reaches: `torch.nn.Linear` for `torch.nn.modules.linear.Linear`.

        A name that is not known comes back as it is, save that modules reached through another module's import are
        spelled by their own name (`torch.nn.modules.linear.F.relu` is `torch.nn.functional.relu`).
        """
        head, _, last = dotted.rpartition(".")
        if head:
            dotted = f"{self.package(head) or head}.{last}"
        known = self._aliases.get(dotted)
        # What torch's own files import from Python keeps its name: `time.perf_counter_ns` is not torch's.
        if known is not None and (dotted.startswith("torch") or not known.startswith("torch")):
            return known
        if head in _REEXPORTING and last in typing.__all__:
            return f"typing.{last}"
        return self._packages.get(dotted) or dotted

    def package(self, dotted: str) -> str | None:
        """Return the own name of the Python module that `dotted` reaches; None when it is not known to be one."""
        own = self._packages.get(dotted)
        if own is not None:
            return own or dotted
        head, _, last = dotted.rpartition(".")
        if not head:
            return None
        package = self.package(head)
        if package is None or package == head:
            return None
        return self.package(f"{package}.{last}")

    @functools.cache  # noqa: B019 - a library lives as long as the process
    def exists(self, dotted: str) -> Exists | None:
        """Return what a public name of torch, math, cmath, warnings or torch.Tensor is to TorchScript; None if there is no such."""
        head, _, last = dotted.rpartition(".")
        for space in (head, self.package(head)):
            if space in self._names:
                kinds = self._kinds(space)
                if last in kinds:
                    kind, _, detail = kinds[last].partition(" ")
                    return Exists(kind, detail)
        canonical = self.canonical(dotted)
        return self.exists(canonical) if canonical != dotted else None

    @functools.cache  # noqa: B019 - a library lives as long as the process
    def _kinds(self, space: str) -> dict[str, str]:
        return msgspec.msgpack.decode(self._names[space], type=dict[str, str])

    def lacks(self, dotted: str) -> bool:
        """Return True for a name that a module of torch, or math, surely does not have, whatever torch was built with."""
        space, _, name = dotted.rpartition(".")
        return (
            space in _WHOLE
            and not name.startswith("_")
            and name not in self._kinds(space)
            and self.package(dotted) is None
            and self.canonical(dotted) == dotted
        )

    # --- operators ---

    def schemas(self, op: str) -> tuple[Schema, ...]:
        """Return the schemas of an operator (`aten::add`) in the order in which the compiler tries them; () for an unknown one."""
        found = self._schemas.get(op)
        if found is None:
            texts = list(self._operators.get(op, ()))
            if op in self._registered:
                texts += msgspec.msgpack.decode(self._registered[op], type=list[str])
            registered = len(texts)
            if op in self._written:
                texts += msgspec.msgpack.decode(self._written[op], type=list[str])
            found = tuple(Schema(text, written=index >= registered) for index, text in enumerate(texts))
            self._schemas[op] = found
        return found

    def has_operator(self, op: str) -> bool:
        """Return True if an operator of that name has any schema."""
        return op in self._registered or op in self._written or op in self._operators

    def builtin(self, dotted: str) -> str | None:
        """Return the operator for which the compiler takes a Python object of that name (it may be one without schemas)."""
        return self._builtins.get(dotted) or self._builtins.get(self.canonical(dotted))

    # --- functions and classes written in Python ---

    def function(self, dotted: str) -> PythonFunction | None:
        """Return what compiling a Python function of torch gives: its signatures, or why it is refused."""
        name = self.canonical(dotted)
        if name not in self._functions:
            raw = self._function_records.get(name)
            self._functions[name] = None if raw is None else msgspec.msgpack.decode(raw, type=PythonFunction)
        return self._functions[name]

    def signatures(self, dotted: str) -> tuple[Signature, ...]:
        """Return the compiled signatures of a Python function of torch, in overload order; () when it does not compile."""
        found = self.function(dotted)
        return found.signatures if found else ()

    def boolean_dispatch(self, dotted: str) -> Dispatch | None:
        """Return the flag that chooses between two functions (`F.max_pool2d` by `return_indices`), if `dotted` is such a pair."""
        found = self.function(dotted)
        return found.dispatch if found else None

    def module(self, dotted: str) -> NNModule | None:
        """Return what is known about an nn.Module class of torch."""
        name = self.canonical(dotted)
        if name not in self._modules:
            raw = self._module_records.get(name)
            self._modules[name] = None if raw is None else msgspec.msgpack.decode(raw, type=NNModule)
        return self._modules[name]

    def is_module_class(self, dotted: str) -> bool:
        """Return True if `dotted` is torch.nn.Module or a class of torch that derives from it."""
        return self.canonical(dotted) in self._module_records

    # --- Tensor ---

    def tensor_attribute(self, name: str) -> Type | None:
        """Return the type of a Tensor's attribute; None where TorchScript has none."""
        return self._tensor.get(name)

    def tensor_attributes(self) -> dict[str, Type]:
        """Return all of them."""
        return dict(self._tensor)

    def tensor_has(self, name: str) -> bool:
        """Return True if a Tensor has it in Python, whatever TorchScript thinks."""
        return name in self._kinds("torch.Tensor")

    def named_tuple(self, qualified: str) -> tuple[tuple[str, Type], ...] | None:
        """Return the fields of a NamedTuple class that signatures of torch speak of, by the name they give it."""
        raw = self._tuples.get(qualified.removeprefix("__torch__."))
        if raw is None:
            return None
        return tuple(
            (name, parse_annotation(text)) for name, text in msgspec.msgpack.decode(raw, type=list[tuple[str, str]])
        )
