"""The command line of a program: what `argparse` makes of the options that the code declares.

Nobody knows with which options a program is run, but their defaults are in the code, and so is what they decide: a test of
an option is a question to the path, and its condition reads `--jit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import calls, symbols
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import (
    Const,
    ExternalValue,
    Instance,
    Items,
    Mapping,
    Symbol,
    Unknown,
    Value,
)
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

PARSER = "argparse.ArgumentParser"
_OPTIONS = "options of the program"  # an attribute that no program can name
_GROUPS = ("add_argument_group", "add_mutually_exclusive_group", "add_subparsers", "add_parser")
_WITHOUT_VALUE = ("help", "version")


def parser(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return what `argparse.ArgumentParser(...)` makes."""
    made = Instance(External(PARSER), is_plain=True)
    ev.set_attribute(made, _OPTIONS, Mapping({}), None)
    if "parents" in given.keywords:
        made.hide()
    return made


def is_parser(value: Value) -> bool:
    """Return True for a parser of options."""
    return isinstance(value, Instance) and value.cls == External(PARSER)


def call(
    ev: Evaluator, receiver: Instance, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    """Return what a method of a parser returns, and note the options that it declares."""
    options = ev.resolved(receiver.held(_OPTIONS)[-1].value) if receiver.held(_OPTIONS) else None
    if not isinstance(options, Mapping):
        return Unknown(f"`{name}` of a parser")
    if name in _GROUPS:
        return receiver  # a group declares options of its parser
    if name == "add_argument" and given.exact and node is not None and frame is not None:
        dest, value = _option(ev, given, node, frame)
        ev.domain.on_change(ev, options)
        if dest is None:
            receiver.hide()
        elif value is not None:
            options.items[dest] = value
        return Unknown("an option")
    if name == "set_defaults":
        ev.domain.on_change(ev, options)
        options.items.update(given.keywords)
        return Const(None)
    if name in ("parse_args", "parse_known_args"):
        namespace = _namespace(ev, receiver, options)
        rest = Items("list", [], exact=False)
        return namespace if name == "parse_args" else Items("tuple", [namespace, rest])
    if name in ("add_argument", "set_defaults"):
        receiver.hide()
    return Unknown(f"`{name}` of a parser")


def _namespace(ev: Evaluator, receiver: Instance, options: Mapping) -> Instance:
    made = Instance(ev.domain.external("types.SimpleNamespace"), is_plain=True)
    for name, value in options.items.items():
        ev.set_attribute(made, str(name), value, None)
    made.open = receiver.open
    return made


def _option(ev: Evaluator, given: Arguments, node: n.Node, frame: Frame) -> tuple[str | None, Value | None]:
    """Return under which name an option is kept, None where that is not known, and what stands there."""
    flags = [ev.resolved(one) for one in given.positional]
    texts = [one.value for one in flags if isinstance(one, Const) and isinstance(one.value, str)]
    action = _text(ev, given.keywords.get("action"))
    if action in _WITHOUT_VALUE:
        return "", None
    written = next((one for one in texts if one.startswith("--")), texts[0] if texts else "")
    dest = _text(ev, given.keywords.get("dest")) or written.lstrip("-").replace("-", "_")
    if len(texts) != len(flags) or not dest:
        return None, None
    return dest, _value(ev, given, action, written or dest, node, frame)


def _value(ev: Evaluator, given: Arguments, action: str, written: str, node: n.Node, frame: Frame) -> Value:
    key = (frame.module.path, node.start, "option")
    if action in ("store_true", "store_false"):
        default = ev.resolved(given.keywords.get("default", Const(action == "store_false")))
        return Symbol(written, key, "bool", default=default) if isinstance(default, Const) else default
    kind = _kind(ev, given)
    is_given = not written.startswith("-") or ev.resolved(given.keywords.get("required", Const(False))) == Const(True)
    default = ev.resolved(given.keywords.get("default", Const(None)))
    if is_given and "default" not in given.keywords:
        return Symbol(written, key, kind)
    if isinstance(default, Const) and isinstance(default.value, str) and "type" in given.keywords and kind != "str":
        # argparse gives a default that is a text to the type.
        default = ev.resolved(calls.call(ev, given.keywords["type"], Arguments([default], {}), node, frame))
    if not isinstance(default, Const):
        return default
    if not kind and default.value is not None:
        kind = type(default.value).__name__
    return Symbol(written, key, kind, default=default)


def _kind(ev: Evaluator, given: Arguments) -> str:
    """Return what the values of an option are, where their type is one of Python's."""
    if _takes_several(ev, given):
        return "list"
    wanted = ev.resolved(given.keywords["type"]) if "type" in given.keywords else ExternalValue("builtins.str")
    name = wanted.name.rpartition(".")[2] if isinstance(wanted, ExternalValue) else ""
    return name if name in symbols.PLAIN and name != "bool" else ""


def _takes_several(ev: Evaluator, given: Arguments) -> bool:
    """Return True if the value of an option is a list; with `nargs="?"` it is one value, or none."""
    return "nargs" in given.keywords and _text(ev, given.keywords["nargs"]) != "?"


def _text(ev: Evaluator, value: Value | None) -> str:
    known = ev.resolved(value) if value is not None else None
    if isinstance(known, ExternalValue):
        return known.name.rpartition(".")[2]
    return known.value if isinstance(known, Const) and isinstance(known.value, str) else ""
