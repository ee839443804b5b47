"""Classes: their linearised bases, their members, and whether they are modules.

A base that cannot be seen makes the lineage incomplete; then a member that is not found before it, and the question
whether the class is a module, are unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from enum import Enum

from msgspec import Struct

from scriptlint.program.module import Class, Function
from scriptlint.program.project import KNOWN_PACKAGES, PLAIN_PACKAGES, External, Project
from scriptlint.program.scopes import Binding
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements, walk

# Bases outside torch that are subclasses of torch.nn.Module, by the names under which people import them.
_MODULE_BASES = frozenset(
    f"{package}.{name}"
    for packages, names in (
        (("pytorch_lightning", "lightning", "lightning.pytorch"), ("LightningModule",)),
        (("pytorch_lightning.core", "lightning.pytorch.core"), ("LightningModule",)),
        (("transformers", "transformers.modeling_utils"), ("PreTrainedModel",)),
        (("mmengine.model", "mmcv.runner"), ("BaseModule", "BaseModel", "ModuleList", "Sequential")),
        (("fairseq.models",), ("BaseFairseqModel", "FairseqModel", "FairseqEncoder", "FairseqDecoder")),
        (("fairseq.models",), ("FairseqEncoderDecoderModel", "FairseqIncrementalDecoder")),
        (("torch_geometric.nn", "torch_geometric.nn.conv"), ("MessagePassing",)),
        (("e3nn.util.jit",), ("CompileMixin",)),
        (("gpytorch",), ("Module",)),
        (("gpytorch.models",), ("ExactGP", "ApproximateGP")),
    )
    for package in packages
    for name in names
)

# What every nn.Module has; behind it in the order of bases, a mixin is found for any other name.
OF_MODULE = frozenset(
    "T_destination __call__ __getattr__ __setstate__ _apply _backward_hooks _backward_pre_hooks _buffers "
    "_call_impl _compiled_call_impl _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs "
    "_forward_pre_hooks _forward_pre_hooks_with_kwargs _get_backward_hooks _get_backward_pre_hooks _get_name "
    "_is_full_backward_hook _load_from_state_dict _load_state_dict_post_hooks _load_state_dict_pre_hooks "
    "_maybe_warn_non_full_backward_hook _modules _named_members _non_persistent_buffers_set _parameters "
    "_register_load_state_dict_pre_hook _register_state_dict_hook _replicate_for_data_parallel "
    "_save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl "
    "add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval "
    "extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict "
    "modules mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook "
    "register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook "
    "register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook "
    "register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ "
    "set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad".split()
)

# What every object has and nn.Module defines anew; the rest of what every object has is found behind all mixins.
_REDEFINED = frozenset({"__init__", "__setattr__", "__delattr__", "__repr__", "__dir__"})

# How many classes a class may inherit from; the order of what has more is not computed.
_LONGEST = 1_000


class Absent(Enum):
    """Why a member is not given: the class does not have it, or a base that cannot be seen may have it."""

    MISSING = "missing"
    UNKNOWN = "unknown"


class Lineage(Struct, frozen=True, eq=False):
    """The method resolution order of a class, itself first.

    `unseen` are the bases that could not be resolved and the parts of classes that are not Python, `classes` the entries
    whose source is at hand, `externals` the others; `has_every_base` says that all bases could be resolved. `parent` is the
    only base of a class that has one: all that the class does not answer itself is answered as for its parent.
    """

    entries: tuple[Class | External, ...]
    unseen: tuple[str, ...]
    classes: tuple[Class, ...]
    externals: tuple[External, ...]
    has_every_base: bool
    parent: Class | None = None


class Member(Struct, frozen=True, eq=False):
    """A member and the class that holds it: a method, or the bindings of a class variable."""

    owner: Class
    value: Function | Binding


class Classes:
    """Answers questions about classes; remembers lineages."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._lineages: dict[Class, Lineage] = {}
        self._methods: dict[Class, dict[str, Function]] = {}
        self._modules: dict[Class, bool | None] = {}
        self._names: dict[Class | External, bool | None] = {}
        self._members: dict[tuple[Class, str], Member | External | Absent] = {}

    def lineage(self, of: Class) -> Lineage:
        """Return the linearised bases of a class (C3, as Python does it)."""
        known = self._lineages.get(of)
        if known is not None:
            return known
        pending = [of]
        waiting: set[Class] = set()
        while pending:
            cls = pending[-1]
            bases = [] if cls in self._lineages else self.bases(cls)
            missing = [
                one for one in bases if isinstance(one, Class) and one not in self._lineages and one not in waiting
            ]
            if missing and cls not in waiting:
                waiting.add(cls)
                pending += reversed(missing)
                continue
            pending.pop()
            if cls not in self._lineages:
                self._lineages[cls] = self._linearise(cls, bases)
        return self._lineages[of]

    def bases(self, of: Class) -> list[Class | External | str]:
        """Return the bases of a class; the text of those that could not be resolved."""
        place = of.outer or of.module
        before = of.node.start if of.outer is None else None
        found: list[Class | External | str] = []
        for base in of.node.bases:
            node = base.value if isinstance(base, n.Subscript) else base
            symbol = self.project.resolve(node, place, before)
            found.append(symbol if isinstance(symbol, (Class, External)) else of.module.text(base))
        decorators = [self.project.resolve(one, place, before) for one in of.node.decorators]
        for decorator in decorators:
            if isinstance(decorator, Function) and "__bases__" in decorator.assigned_attributes:
                found = [*self._set_bases(decorator), *found]
        return found

    def _set_bases(self, decorator: Function) -> list[Class | External | str]:
        """Return the classes that a decorator puts before the bases of a class; its name where they are not seen."""
        assigned = [one for one in statements(decorator.node.body) if isinstance(one, n.Assign)]
        values = [one.value for one in assigned if "__bases__" in decorator.module.text(one)]
        names = [node for value in values for node in walk(value) if isinstance(node, (n.Name, n.Attribute))]
        symbols = dict.fromkeys(self.project.resolve(node, decorator) for node in names)
        return [one for one in symbols if isinstance(one, Class)] or [decorator.node.name]

    def _linearise(self, of: Class, written: list[Class | External | str]) -> Lineage:
        bases = [one for one in written if not isinstance(one, str)]
        unseen = [f"the part of `{of.node.name}` that is not Python"] if of.scope.has_gap else []
        sequences: list[Sequence[Class | External]] = []
        whole = True
        for one in written:
            if isinstance(one, str):
                unseen.append(one)
                whole = False
            elif isinstance(one, External):
                sequences.append([one])
            elif one in self._lineages:
                unseen += self._lineages[one].unseen
                whole = whole and self._lineages[one].has_every_base
                sequences.append(self._lineages[one].entries)
            else:
                unseen.append("itself, in a circle")
                whole = False
                sequences.append([one])
        if sum(map(len, sequences)) > _LONGEST:
            return Lineage((of,), (f"more than {_LONGEST} classes that it inherits from",), (of,), (), False)
        only = written[0] if len(written) == 1 and not of.scope.has_gap else None
        if isinstance(only, Class) and only in self._lineages:
            above = self._lineages[only]
            whole = above.has_every_base
            return Lineage((of, *above.entries), above.unseen, (of, *above.classes), above.externals, whole, only)
        entries = (of, *_merge([*sequences, bases]))
        classes = tuple(one for one in entries if isinstance(one, Class))
        externals = tuple(one for one in entries if isinstance(one, External))
        return Lineage(entries, tuple(dict.fromkeys(unseen)), classes, externals, whole)

    def _line(self, of: Class, known: Container[Class]) -> list[Class]:
        """Return a class, its parent, the parent of that, and so on, up to one that is known or has no parent."""
        line = [of]
        while line[-1] not in known and (parent := self.lineage(line[-1]).parent) is not None:
            line.append(parent)
        return line

    def is_module(self, of: Class) -> bool | None:
        """Return whether a class is a torch.nn.Module; None if a base that cannot be seen decides it."""
        for one in reversed(self._line(of, self._modules)):
            if one not in self._modules:
                self._modules[one] = self._is_module(one)
        return self._modules[of]

    def _is_module(self, of: Class) -> bool | None:
        lineage = self.lineage(of)
        if lineage.parent is not None:
            return self._is_named_module(of) or self._modules[lineage.parent]
        answers = [self._is_named_module(one) for one in lineage.entries]
        if True in answers:
            return True
        external_unknown = any(
            answer is None for answer, one in zip(answers, lineage.entries, strict=True) if isinstance(one, External)
        )
        return False if lineage.has_every_base and not external_unknown else None

    def _is_named_module(self, one: Class | External) -> bool | None:
        if one not in self._names:
            self._names[one] = self.is_module_name(_dotted(one))
        return self._names[one]

    def is_module_name(self, dotted: str) -> bool | None:
        """Return whether a dotted name of a package that is not followed is a torch.nn.Module; None if that is unknown."""
        if dotted in _MODULE_BASES:
            return True
        if self.project.library.is_module_class(dotted):
            return True
        top = dotted.partition(".")[0]
        return False if top in KNOWN_PACKAGES or top in PLAIN_PACKAGES else None

    def member(self, of: Class, name: str, after: Class | None = None) -> Member | External | Absent:
        """Return what `name` is on instances of a class, by its method resolution order.

        `after` starts the search behind that class, as `super()` does. An External stands for a base outside the source
        that may define the name.
        """
        lineage = self.lineage(of)
        if after is None or after not in lineage.entries:
            return self._member(of, name)
        rest = lineage.entries[lineage.entries.index(after) :]
        line = self.lineage(after)
        if line.parent is not None and line.entries == rest:
            return self._member(line.parent, name)
        return self._first(rest[1:], lineage, name)

    def _member(self, of: Class, name: str) -> Member | External | Absent:
        passed: list[Class] = []
        at = of
        while (found := self._members.get((at, name))) is None:
            passed.append(at)
            lineage = self.lineage(at)
            if lineage.parent is None:
                found = self._first(lineage.entries, lineage, name)
            elif (own := _own_member(at, name)) is not None:
                found = own
            else:
                at = lineage.parent
                continue
            break
        self._members.update(((one, name), found) for one in passed)
        return found

    def _first(self, entries: Sequence[Class | External], lineage: Lineage, name: str) -> Member | External | Absent:
        """Return what a name is by the first of some entries that has it."""
        of_object: External | None = None
        for one in entries:
            if isinstance(one, External):
                if one.name == "torch.nn.Module" and name not in OF_MODULE and name not in _REDEFINED:
                    of_object = of_object or (one if name in dir(object) else None)
                    continue
                return of_object if of_object is not None and one.name == "builtins.object" else one
            own = _own_member(one, name)
            if own is not None:
                return own
        if of_object is not None and not lineage.unseen:
            return of_object
        return Absent.UNKNOWN if lineage.unseen else Absent.MISSING

    def method(self, of: Class, name: str, after: Class | None = None) -> Function | None:
        """Return the method that `name` is, where its source is at hand."""
        found = self.member(of, name, after)
        if type(found) is Member:
            if isinstance(found.value, Function):
                return found.value
            if isinstance(found.value.value, (n.Name, n.Attribute)):  # `forward = _impl` in the class body
                symbol = self.project.resolve(found.value.value, found.owner)
                return symbol if isinstance(symbol, Function) else None
        return None

    def methods(self, of: Class) -> dict[str, Function]:
        """Return every method that instances of a class have, where its source is at hand."""
        for one in reversed(self._line(of, self._methods)):
            if one not in self._methods:
                self._methods[one] = self._methods_of(self.lineage(one))
        return self._methods[of]

    def _methods_of(self, lineage: Lineage) -> dict[str, Function]:
        if lineage.parent is not None:
            own = lineage.classes[0]
            inherited = self._methods[lineage.parent].items()
            return {
                **own.functions,
                **{
                    name: one for name, one in inherited if name not in own.functions and name not in own.scope.bindings
                },
            }
        found: dict[str, Function] = {}
        hidden: set[str] = set()
        for one in lineage.entries:
            if isinstance(one, External):
                hidden |= OF_MODULE | _REDEFINED if self.project.library.is_module_class(one.name) else set()
                continue
            for name, function in one.functions.items():
                if name not in hidden:
                    found.setdefault(name, function)
            hidden.update(name for name in one.scope.bindings if name not in one.functions)
        return found


def _own_member(of: Class, name: str) -> Member | Absent | None:
    """Return what a name is by the body of a class; None if it says nothing about it."""
    if name in of.scope.unread:
        return Absent.UNKNOWN
    if name in of.functions:
        return Member(of, of.functions[name])
    bindings = of.scope.visible(name)
    return Member(of, bindings[-1]) if bindings else None


def _dotted(one: Class | External) -> str:
    return one.name if isinstance(one, External) else one.dotted


def _merge(sequences: list[Sequence[Class | External]]) -> list[Class | External]:
    """Return the C3 merge of some orders; where they contradict each other, the first entry that is left goes on."""
    merged: list[Class | External] = []
    orders = [one for one in sequences if one]
    heads = [0] * len(orders)
    behind = Counter(entry for one in orders for entry in one[1:])  # how often each stands behind a head
    done: set[Class | External] = set()
    while True:
        current = [one[at] for one, at in zip(orders, heads, strict=True) if at < len(one)]
        if not current:
            return merged
        head = next((one for one in current if not behind[one]), current[0])
        merged.append(head)
        done.add(head)
        for index, one in enumerate(orders):
            while heads[index] < len(one) and one[heads[index]] in done:
                heads[index] += 1
                if heads[index] < len(one):
                    behind[one[heads[index]]] -= 1
