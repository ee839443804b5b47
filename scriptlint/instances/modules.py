"""torch's own modules: how they are constructed, and what their methods do to an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Span
from scriptlint.evaluate import attributes, containers, kinds, methods, symbols
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import (
    Const,
    Foreign,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Partial,
    Symbol,
    TensorValue,
    Unknown,
    Value,
)
from scriptlint.instances import children
from scriptlint.program.module import ModuleInfo
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator
    from scriptlint.instances.construction import Construction

# Methods of nn.Module that give back the module itself.
CHAINED = frozenset(
    "eval train to cuda cpu half float double bfloat16 type requires_grad_ apply share_memory to_empty compile".split()
)
# They put a hook without a name on a module, or a parametrization whose own code does not script, and give it back.
HOOKS = frozenset(
    f"torch.nn.utils.{name}"
    for name in (
        *("weight_norm", "spectral_norm", "parametrizations.spectral_norm", "parametrizations.orthogonal"),
        *("prune.identity", "prune.random_unstructured", "prune.l1_unstructured", "prune.random_structured"),
        *("prune.ln_structured", "prune.custom_from_mask"),
    )
)
UNHOOKS = frozenset(
    f"torch.nn.utils.{name}"
    for name in ("remove_weight_norm", "remove_spectral_norm", "parametrize.remove_parametrizations", "prune.remove")
)
WEIGHT_NORM = "torch.nn.utils.parametrizations.weight_norm"
_FORWARD_HOOKS = frozenset({"register_forward_hook", "register_forward_pre_hook"})
_BACKWARD_HOOKS = frozenset(
    {"register_full_backward_hook", "register_backward_hook", "register_full_backward_pre_hook"}
)
_OF_TENSORS = ("parameters", "named_parameters", "buffers", "named_buffers")
_REGISTERING = ("add_module", "register_module", "register_parameter", "register_buffer")


def construct(ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return the object that a class of torch makes."""
    demand(ev, name, given)
    site = frame.module.span(node) if node is not None and frame is not None else None
    made = Instance(External(name), site)
    made.open = not children.fill(ev, made, name, given.positional) or not given.exact
    made.foreign = Foreign(name, tuple(given.positional), dict(given.keywords)) if given.exact else None
    return made


_WANTED = {"int": "int", "float": "float", "bool": "bool", "str": "str"}


def demand(ev: Evaluator, name: str, given: Arguments) -> None:
    """Let the symbols among the arguments of a torch class be what their parameters want."""
    known = ev.library.module(name)
    if known is None or known.init is None or not any(type(one) is Symbol for one in given.all()):
        return
    parameters = [one for one in known.init if one.kind not in ("VAR_POSITIONAL", "VAR_KEYWORD")]
    named = {one.name: one for one in known.init}
    pairs = [*zip(parameters, given.positional, strict=False)]
    pairs += [(named[key], value) for key, value in given.keywords.items() if key in named]
    for parameter, value in pairs:
        wanted = _WANTED.get(parameter.annotation or "") or _kind_of_default(parameter.default)
        given_symbol = ev.resolved(value)
        if wanted == "float" and isinstance(given_symbol, Symbol):
            symbols.float_for_int(ev, given_symbol)
        symbol = symbols.settled(ev, value)
        if isinstance(symbol, Symbol) and not symbol.kind:
            if wanted == "int":
                symbols.number(ev, symbol, "int")
            elif wanted:
                symbol.kind = wanted
                ev.path.assume(f"`{symbol.name}` is a {wanted}")


def _kind_of_default(default: str | None) -> str:
    if default in ("True", "False"):
        return "bool"
    if default is None or default in ("None", "..."):
        return ""
    return "float" if "." in default and default.replace(".", "").replace("e-", "").isdigit() else ""


def parametrized(ev: Evaluator, name: str, first: Value, node: n.Node | None, frame: Frame | None) -> Value:
    """Return the module that a hook is put on or taken from."""
    if isinstance(first, Instance) and name in HOOKS and isinstance(node, n.Call) and frame is not None:
        first.hooked = (name, frame.module.span(node.func))
    elif isinstance(first, Instance) and name in UNHOOKS:
        first.hooked = None
    return first


def method(
    domain: Construction,
    ev: Evaluator,
    instance: Instance,
    name: str,
    dotted: str,
    given: Arguments,
    node: n.Node | None,
    frame: Frame | None,
) -> Value:
    """Return what a method returns that an object has from a class of torch, and do what it does to the object."""
    span = frame.module.span(node) if frame is not None and node is not None else None
    arguments = given.positional
    if name == "__init__":
        domain.initialise(ev, instance, dotted.removesuffix(".__init__"), given)
        return Const(None)
    if name in ("__new__", "__init_subclass__", "__post_init__"):
        return instance
    if name == "__setattr__" and len(arguments) == 2 and isinstance(key := ev.resolved(arguments[0]), Const):
        ev.set_attribute(instance, str(key.value), arguments[1], span)
        return Const(None)
    if name == "__getattribute__" and arguments and isinstance(key := ev.resolved(arguments[0]), Const):
        return attributes.load(ev, instance, str(key.value), node, frame)
    if name == "__getattr__" and arguments and isinstance(key := ev.resolved(arguments[0]), Const):
        held = instance.held(str(key.value))
        return held[-1].value if held else Unknown(f"`{instance.class_name}.{key.value}`")
    if name in _REGISTERING and given.all():
        return _register(ev, instance, name, given, node, frame)
    if kinds.is_dictionary(ev, instance):
        return _of_dictionary(ev, instance, name, given, node, frame)
    if name in _FORWARD_HOOKS and given.all():
        hook = ev.resolved(given.first())
        if frame is None or node is None or _may_be_removed(frame.module, node):
            instance.hooks.append(Unknown("a hook that may be removed"))
            return Unknown(f"`{name}`")
        if isinstance(hook, (LambdaValue, Partial, Instance)) and span is not None:
            instance.hooked = (name, span)
        (instance.pre_hooks if "pre" in name else instance.hooks).append(hook)
        return Unknown(f"`{name}`")
    if name in ("children", "named_children", "values", "items", "keys") and not given.all():
        return children.by(ev, instance, name)
    if name in ("modules", "named_modules") and not given.all():
        return children.modules(instance, named=name == "named_modules")
    if name in _OF_TENSORS:
        return Items("iterator", [Unknown(f"`{name}` of a `{instance.class_name}`")], exact=False)
    name = "extend" if name == "__iadd__" else name
    if name in ("append", "extend", "insert", "update") and arguments and kinds.container_names(ev, instance):
        return _grow(ev, instance, name, given, node, frame)
    if name == "get_submodule" and isinstance(path := ev.resolved(given.first()), Const):
        return _submodule(ev, instance, str(path.value))
    return _mode(ev, instance, name, given)


def _mode(ev: Evaluator, instance: Instance, name: str, given: Arguments) -> Value:
    arguments = [ev.resolved(one) for one in given.positional]
    if name in ("eval", "train"):
        certain = not given.keywords and arguments in ([], [Const(True)])
        for one in instance.below():
            one.evaluated = name == "eval" or not certain
    elif name == "requires_grad_":
        instance.frozen = arguments[:1] == [Const(False)]
    elif name in _BACKWARD_HOOKS:
        instance.backward_hook = True
    elif instance.foreign is None and not _is_of_every_module(ev, name):
        instance.hide()  # a method of a torch class does here what its constructor does elsewhere
    return instance if name in CHAINED else Unknown(f"`{instance.class_name}.{name}`")


def _register(
    ev: Evaluator, instance: Instance, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    span = frame.module.span(node) if frame is not None and node is not None else None
    key = ev.resolved(given.get(0, "name") or given.first())
    value = (
        given.positional[1]
        if len(given.positional) > 1
        else next(
            (one for keyword, one in given.keywords.items() if keyword in ("tensor", "param", "module")), Unknown()
        )
    )
    if name in ("register_parameter", "register_buffer"):
        resolved = ev.resolved(value)
        symbol = isinstance(resolved, Symbol)
        none = symbols.is_none(ev, resolved) if isinstance(resolved, Symbol) else resolved == Const(None)
        if not none:
            kind = "buffer" if name == "register_buffer" else "parameter"
            tensor = resolved if isinstance(resolved, TensorValue) else TensorValue()
            value = TensorValue(kind, shape=tensor.shape, uninitialized=tensor.uninitialized)
        elif symbol:
            value = Const(None)
    if isinstance(key, Const) and isinstance(key.value, str):
        ev.set_attribute(instance, key.value, value, span)
    else:
        instance.hide()
        ev.set_attribute(instance, f"<computed at {node.start if node is not None else 0}>", value, span)
    return Const(None)


def _of_dictionary(
    ev: Evaluator, instance: Instance, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:

    if name in ("items", "values", "keys", "get"):
        return methods.call(ev, children.as_dictionary(instance), name, given, node, frame) or Unknown()
    if (
        name == "__setitem__"
        and len(given.positional) == 2
        and isinstance(key := ev.resolved(given.positional[0]), Const)
    ):
        ev.set_attribute(instance, str(key.value), given.positional[1], None)
        return Const(None)
    if name == "__getitem__" and isinstance(key := ev.resolved(given.first()), Const):
        held = instance.held(str(key.value))
        if held:
            return held[-1].value
    if name == "update":
        return _update(ev, instance, given, None)
    instance.hide()
    return Unknown(f"`{name}` of a dictionary")


def _update(ev: Evaluator, instance: Instance, given: Arguments, span: Span | None) -> Value:
    more = containers.as_mapping(ev, given.first()) if given.positional else Mapping({})
    instance.open = instance.open or more is None or not more.exact or not given.exact
    pairs = list(more.items.items()) if more is not None else []
    for key, one in [*pairs, *given.keywords.items()]:
        ev.set_attribute(instance, str(key), one, span)
    return Const(None)


def _grow(
    ev: Evaluator, instance: Instance, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    if node is None or frame is None:
        return Unknown(f"`{name}`")
    span = frame.module.span(node)
    if name == "update":
        return _update(ev, instance, given, span)
    if name == "insert":
        index = ev.resolved(given.first())
        held = list(instance.attributes.values())
        if (
            isinstance(index, Const)
            and isinstance(index.value, int)
            and len(given.positional) == 2
            and not instance.open
        ):
            ev.set_attribute(instance, "new", given.positional[1], span)
            held.insert(index.value, instance.attributes.pop("new"))
            instance.attributes = {str(at): one for at, one in enumerate(held)}
            return Const(None)
    last = given.positional[-1]
    more_items = containers.iterate(ev, last, node, frame) if name == "extend" else Items("list", [last])
    children.extend(ev, instance, more_items, span)
    return instance


def _submodule(ev: Evaluator, instance: Instance, path: str) -> Value:
    value: Value = instance
    for part in path.split(".") if path else ():
        held = ev.resolved(value).held(part) if isinstance(ev.resolved(value), Instance) else []  # type: ignore[union-attr]
        if not held:
            return Unknown(f"`get_submodule('{path}')`")
        value = held[-1].value
    return value


def _may_be_removed(module: ModuleInfo, node: n.Node) -> bool:
    """Return True if the handle of a hook is kept, in a file that removes something."""
    source = module.source
    line = source.line_starts[source.location(node.start).row - 1]
    return ".remove()" in source.text and bool(source.text[line : node.start].strip())


def _is_of_every_module(ev: Evaluator, name: str) -> bool:
    base = ev.library.module("torch.nn.Module")
    return base is not None and name in base.members


# Gradients


def note_freezing(ev: Evaluator, node: n.For, frame: Frame) -> None:
    """Note on an object that a loop over its parameters freezes them, or some of them."""
    call = node.iter
    if not isinstance(call, n.Call) or not isinstance(call.func, n.Attribute):
        return
    if call.func.attr not in ("parameters", "named_parameters") or not any(map(_freezes, walk_scope(node.body))):
        return
    owner = ev.resolved(ev.evaluate(call.func.value, frame))
    if isinstance(owner, Instance):
        for one in owner.below():
            one.frozen = True


def _freezes(node: n.Node) -> bool:
    """Return True if a node is `p.requires_grad = ...` or `p.requires_grad_(...)` of something not known to be true."""
    if isinstance(node, n.Assign):
        targets = [one for one in node.targets if isinstance(one, n.Attribute) and one.attr == "requires_grad"]
        return bool(targets) and not (isinstance(node.value, n.Constant) and node.value.value is True)
    return isinstance(node, n.Call) and isinstance(node.func, n.Attribute) and node.func.attr == "requires_grad_"
