"""What a snapshot says about functions and classes that torch writes in Python."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from scriptlint.torchlib.schema import Schema

Signature = Schema


class Exists(msgspec.Struct, frozen=True):
    """What a name is to TorchScript.

    `kind`: operator (detail: which), unknown-operator (bound to an operator that has no schema: "Unknown builtin op"),
    function (detail: function, overloaded, dispatch, refused, ignore, unused), class, module, python-builtin ("Python
    builtin ... is currently not supported"), constant (detail: its type, and its value if that is short), object; for
    members of torch.Tensor also method and attribute, which are those that only Python has.
    """

    kind: str
    detail: str = ""


class Dispatch(msgspec.Struct, frozen=True):
    """A flag that must be known at compile time and chooses the function: its name, its place among the positional
    arguments, its default, and the canonical names of the two functions (either may be such a pair again)."""

    argument: str
    index: int
    default: bool
    if_true: str
    if_false: str


class PythonFunction(msgspec.Struct, frozen=True, dict=True):
    """A Python function of torch: kind is function, overloaded, dispatch, refused, ignore or unused.

    `why` is the first line of the compiler's words where it is refused. `parameters` are Python's: name, kind, default
    (the repr of a literal, `...` for anything else, None for none). `schemas` are those of the compiled function, one per
    overload; `inferred` names the parameters that are taken to be tensors because nobody gave them a type.
    """

    kind: str
    site: str = ""
    parameters: tuple[tuple[str, str, str | None], ...] | None = None
    schemas: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    dispatch: Dispatch | None = None
    why: str = ""

    @functools.cached_property
    def signatures(self) -> tuple[Signature, ...]:
        """The schemas, parsed when looked into."""
        return tuple(Schema(text, python=True, inferred=self.inferred) for text in self.schemas)


class InitParameter(msgspec.Struct, frozen=True):
    """A parameter of a constructor: `default` is the repr of a literal, `...` for anything else, None for none."""

    name: str
    kind: str
    annotation: str | None = None
    default: str | None = None


class Held(msgspec.Struct, frozen=True, rename={"cls": "class"}):
    """What an attribute of an instance is.

    `kind`: parameter, buffer (type Tensor or NoneType), module (`cls`, None when the submodule is None), attribute (`type` as
    an annotation, None when the compiler cannot convert the value; `python` is then the class of the value), function.
    """

    kind: str
    type: str | None = None
    cls: str | None = None
    value: str | None = None
    python: str | None = None
    function: str | None = None
    persistent: bool = True


class Variant(msgspec.Struct, frozen=True):
    """What changes when one constructor argument has another value: attributes (None: not there), methods, verdict."""

    argument: str
    value: str
    held: dict[str, Held | None] = {}
    methods: dict[str, str | None] = {}
    script: str | msgspec.UnsetType | None = msgspec.UNSET


class NNModule(msgspec.Struct, frozen=True, dict=True):
    """An nn.Module class of torch.

    `mro` are the canonical names of its bases, nearest first, without object; `constants` is `__constants__`;
    `annotations` are those the compiler sees, as strings; `members` are methods and properties of the class body and of
    bases that torch.nn.Module does not have. `built` are the arguments of the instance that was looked at (None: it could
    not be built, `why` says why), `held` what it holds in the compiler's order, `script` the first line of the error when
    it is scripted (None: it compiles), `methods` the schemas of its compiled methods, `called` those of the methods that compile
    where they are called, `variants` what other arguments change.
    """

    site: str
    mro: tuple[str, ...]
    constants: tuple[str, ...] = ()
    annotations: dict[str, str] = {}
    members: dict[str, str] = {}
    unused_properties: tuple[str, ...] = ()
    init: tuple[InitParameter, ...] | None = None
    built: dict[str, str] | None = None
    why: str = ""
    held: dict[str, Held] = {}
    variants: tuple[Variant, ...] = ()
    script: str | msgspec.UnsetType | None = msgspec.UNSET
    methods: dict[str, str] = {}
    called: dict[str, str] = {}

    def method(self, name: str) -> Signature | None:
        """Return the signature of a compiled method, `self` included."""
        text = self.methods.get(name)
        return None if text is None else self._signatures(text)

    def _signatures(self, text: str) -> Any:
        cache: dict[str, Schema] = self.__dict__.setdefault("cache", {})
        if text not in cache:
            cache[text] = Schema(text, python=True)
        return cache[text]
