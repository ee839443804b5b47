"""Modules of torch.nn that are made where they are called, or called as a parent: the functions that they wrap."""

from __future__ import annotations

from scriptlint.fixes.imports import Speller, first_of
from scriptlint.fixes.layout import above_comments, indentation, without
from scriptlint.fixes.places import above, is_named, names_within, outermost, scope_in, statement_of, uses_in
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements, walk
from scriptlint.text import Edit, Fix, Safety

_LOSS = ("size_average", "reduce", "reduction")
_POOL = ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")
_AVERAGE = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")

# Of each module the function, and the names of the constructor's parameters where the function has the same ones with
# the same defaults.
_FUNCTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ReLU": ("relu", ("inplace",)),
    "ReLU6": ("relu6", ("inplace",)),
    "LeakyReLU": ("leaky_relu", ("negative_slope", "inplace")),
    "ELU": ("elu", ("alpha", "inplace")),
    "SELU": ("selu", ("inplace",)),
    "CELU": ("celu", ("alpha", "inplace")),
    "GELU": ("gelu", ("approximate",)),
    "SiLU": ("silu", ("inplace",)),
    "Mish": ("mish", ("inplace",)),
    "Hardswish": ("hardswish", ("inplace",)),
    "Hardsigmoid": ("hardsigmoid", ("inplace",)),
    "LogSigmoid": ("logsigmoid", ()),
    "Softsign": ("softsign", ()),
    "Softplus": ("softplus", ("beta", "threshold")),
    "Softmax": ("softmax", ("dim",)),
    "LogSoftmax": ("log_softmax", ("dim",)),
    "Softmin": ("softmin", ("dim",)),
    "Dropout": ("dropout", ("p", "inplace")),
    "Dropout2d": ("dropout2d", ("p", "inplace")),
    "MaxPool1d": ("max_pool1d", _POOL),
    "MaxPool2d": ("max_pool2d", _POOL),
    "MaxPool3d": ("max_pool3d", _POOL),
    "AvgPool1d": ("avg_pool1d", _AVERAGE),
    "AvgPool2d": ("avg_pool2d", (*_AVERAGE, "divisor_override")),
    "AvgPool3d": ("avg_pool3d", (*_AVERAGE, "divisor_override")),
    **{
        f"Adaptive{kind}Pool{size}d": (f"adaptive_{kind.lower()}_pool{size}d", ("output_size",))
        for kind in ("Avg", "Max")
        for size in (1, 2, 3)
    },
    "Upsample": ("interpolate", ("size", "scale_factor", "mode", "align_corners")),
    "PixelShuffle": ("pixel_shuffle", ("upscale_factor",)),
    "PixelUnshuffle": ("pixel_unshuffle", ("downscale_factor",)),
    "CosineSimilarity": ("cosine_similarity", ("dim", "eps")),
    "PairwiseDistance": ("pairwise_distance", ("p", "eps", "keepdim")),
    "L1Loss": ("l1_loss", _LOSS),
    "MSELoss": ("mse_loss", _LOSS),
    "SmoothL1Loss": ("smooth_l1_loss", (*_LOSS, "beta")),
    "KLDivLoss": ("kl_div", (*_LOSS, "log_target")),
    "BCELoss": ("binary_cross_entropy", ("weight", *_LOSS)),
    "BCEWithLogitsLoss": ("binary_cross_entropy_with_logits", ("weight", *_LOSS, "pos_weight")),
    "NLLLoss": ("nll_loss", ("weight", "size_average", "ignore_index", "reduce", "reduction")),
    "CrossEntropyLoss": (
        "cross_entropy",
        ("weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing"),
    ),
}
_METHODS = {"Sigmoid": "torch.sigmoid", "Tanh": "torch.tanh"}
_PADDINGS = {"ReplicationPad2d": "replicate", "ReflectionPad2d": "reflect", "ZeroPad2d": "constant"}

# What `forward` of these does with its input.
_PARENTS = {
    "Linear": "{functional}.linear({input}, self.weight, self.bias)",
    "LayerNorm": "{functional}.layer_norm({input}, self.normalized_shape, self.weight, self.bias, self.eps)",
    "GroupNorm": "{functional}.group_norm({input}, self.num_groups, self.weight, self.bias, self.eps)",
    "Embedding": (
        "{functional}.embedding({input}, self.weight, self.padding_idx, self.max_norm, self.norm_type, "
        "self.scale_grad_by_freq, self.sparse)"
    ),
    **{f"Conv{size}d": "self._conv_forward({input}, self.weight, self.bias)" for size in (1, 2, 3)},
}


def functional(module: ModuleInfo, function: n.FunctionDef, made: n.Call, name: str) -> Fix | None:
    """`nn.Softmax(dim=1)(x)` becomes `F.softmax(x, dim=1)`; `made` constructs the module `name` in a call of it."""
    called = _call_of(function, made)
    plain = called is not None and not called.keywords and not _is_unpacking(called)
    if called is None or not plain or _is_unpacking(made) or not called.args:
        return None
    spell = Speller(module, outermost(module, function).start, _locals(function))
    last = name.rpartition(".")[2]
    options = _options(module, made, last)
    path = _METHODS.get(last) or f"torch.nn.functional.{'pad' if last in _PADDINGS else _FUNCTIONS.get(last, ('',))[0]}"
    if options is None or path.endswith("."):
        return None
    spelled = spell(path) if last in _METHODS else _functional(spell, path)
    if spelled is None:
        return None
    inputs = [module.text(one) for one in called.args]
    edit = Edit(called.start, called.end, f"{spelled}({', '.join([*inputs, *options])})")
    return Fix(module.path, f"call `{spelled}`", Safety.SAFE.value, (edit,), tuple(spell.imports))


def _functional(spell: Speller, path: str) -> str | None:
    """Return the spelling of a function of torch.nn.functional, by its module's usual name where nothing is imported yet."""
    package, _, name = path.rpartition(".")
    known = spell(package)
    return None if known is None else f"{known}.{name}"


def _options(module: ModuleInfo, made: n.Call, last: str) -> list[str] | None:
    """Return the constructor's arguments as those of the function."""
    if last in _PADDINGS:
        if len(made.args) != 1 or made.keywords or not isinstance(made.args[0], n.Tuple):
            return None
        mode = _PADDINGS[last]
        return [module.text(made.args[0]), *([] if mode == "constant" else [f'mode="{mode}"'])]
    if last in _METHODS:
        return None if made.args or made.keywords else []
    names = _FUNCTIONS.get(last, ("", ()))[1]
    if len(made.args) > len(names) or any(one.arg not in names for one in made.keywords):
        return None
    options = [f"{name}={module.text(one)}" for name, one in zip(names, made.args, strict=False)]
    return options + [module.text(one) for one in made.keywords]


def _call_of(function: n.FunctionDef, made: n.Call) -> n.Call | None:
    return next((one for one in walk(function) if isinstance(one, n.Call) and one.func is made), None)


def _is_unpacking(call: n.Call) -> bool:
    return any(isinstance(one, n.Starred) for one in call.args) or any(one.arg is None for one in call.keywords)


def _locals(function: n.FunctionDef) -> frozenset[str]:
    bound = {one.id for one in walk(function) if isinstance(one, n.Name)}
    return frozenset(one.name for one in function.args.all()) | (bound & {"F", "functional"})


def parent_call(module: ModuleInfo, function: n.FunctionDef, attribute: n.Attribute, parent: str) -> Fix | None:
    """`super().forward(x)` becomes what `forward` of the parent, a module of torch.nn, does with `x`."""
    call = next((one for one in walk(function) if isinstance(one, n.Call) and one.func is attribute), None)
    if call is None or attribute.attr != "forward" or len(call.args) != 1 or call.keywords:
        return None
    if parent == "torch.nn.Sequential":
        return _in_turn(module, function, call)
    template = _PARENTS.get(parent.rpartition(".")[2])
    if template is None:
        return None
    spell = Speller(module, outermost(module, function).start, _locals(function))
    known = spell("torch.nn.functional") if "{functional}" in template else ""
    if known is None or isinstance(call.args[0], n.Starred):
        return None
    text = template.format(functional=known, input=module.text(call.args[0]))
    title = f"write what `{parent}` does"
    return Fix(module.path, title, Safety.SAFE.value, (Edit(call.start, call.end, text),), tuple(spell.imports))


def _in_turn(module: ModuleInfo, function: n.FunctionDef, call: n.Call) -> Fix | None:
    """`y = super().forward(x)` in a Sequential becomes the loop over its modules."""
    statement = next(
        (one for one in walk(function) if isinstance(one, (n.Assign, n.Return)) and one.value is call), None
    )
    if statement is None:
        return None
    given = module.text(call.args[0])
    blanks = indentation(module.source.text, statement.start)
    target = statement.targets[0] if isinstance(statement, n.Assign) else call.args[0]
    if blanks is None or not isinstance(target, n.Name) or "\n" in given or "module" in names_within(function):
        return None
    lines = ["for module in self:", f"    {target.id} = module({target.id})"]
    if given != target.id:
        lines.insert(0, f"{target.id} = {given}")
    if isinstance(statement, n.Return):
        lines.append(f"return {target.id}")
    edit = Edit(statement.start, statement.end, f"\n{blanks}".join(lines))
    return Fix(module.path, "loop over the modules", Safety.SAFE.value, (edit,))


def variable(module: ModuleInfo, call: n.Call) -> Fix | None:
    """`Variable(x)`, a tensor that shares the data of `x` without its history, becomes `x.detach()`."""
    flags = {one.arg: one.value for one in call.keywords}
    if len(call.args) != 1 or isinstance(call.args[0], n.Starred) or set(flags) - {"requires_grad", "volatile"}:
        return None
    wants = flags.get("requires_grad")
    if wants is not None and not isinstance(wants, n.Constant):
        return None
    inner = call.args[0]
    text = module.text(inner)
    if not isinstance(inner, (n.Name, n.Attribute, n.Call, n.Subscript)):
        text = f"({text})"
    grad = ".requires_grad_()" if wants is not None and wants.value is True else ""
    edit = Edit(call.start, call.end, f"{text}.detach(){grad}")
    return Fix(module.path, "call `detach`", Safety.SAFE.value, (edit,))


def sized_pool(module: ModuleInfo, start: int, name: str) -> Fix | None:
    """`nn.AdaptiveAvgPool2d((None, 1))` becomes a class of the file, which asks the input for the size that is None."""
    called = next((one for one in walk(module.tree) if isinstance(one, n.Call) and one.start == start), None)
    top = None if called is None else outermost(module, called)
    last = name.rpartition(".")[2]
    given = [] if called is None else [*called.args[:1], *(one.value for one in called.keywords)][:1]
    match given:
        case [n.Tuple(elts=sizes)] if all(isinstance(one, n.Constant) for one in sizes):
            texts = [module.text(one) for one in sizes]
        case _:
            return None
    if called is None or str(len(texts)) != last[-2:-1] or not isinstance(top, (n.ClassDef, n.FunctionDef)):
        return None
    if not is_named(called.func, last):
        return None  # a variable may hold another class elsewhere
    spell = Speller(module, top.start)
    base, functional_ = spell(name), spell("torch.nn.functional")
    made = f"_{last}_{'x'.join('N' if one == 'None' else one for one in texts)}"
    bound = module.scope.bindings.get(made, [])
    if base is None or functional_ is None or len(bound) > 1:
        return None
    call = Edit(called.func.start, called.func.end, made)
    title = f"ask the input for its size in `{made}`"
    if bound:
        same = isinstance(bound[0].node, n.ClassDef) and bound[0].node.end <= top.start
        return Fix(module.path, title, Safety.SAFE.value, (call,), ()) if same else None
    indices = ", self.return_indices" if "Max" in last else ""
    asked = [f"input.size({at - len(texts)})" if one == "None" else one for at, one in enumerate(texts)]
    text = (
        f"class {made}({base}):\n    def forward(self, input):\n"
        f"        return {functional_}.{_FUNCTIONS[last][0]}(input, ({', '.join(asked)}){indices})\n\n\n"
    )
    at = above_comments(module.source.text, first_of(top))
    return Fix(module.path, title, Safety.SAFE.value, (Edit(at, at, text), call), tuple(spell.imports))


def kept_in_variable(module: ModuleInfo, function: n.FunctionDef, made: n.Call, name: str) -> Fix | None:
    """`loss = nn.MSELoss(reduction="sum")`, which is only called below, becomes `F.mse_loss(..., reduction="sum")` there."""
    place = statement_of(function, made)
    match place:
        case (n.Assign(targets=[n.Name(id=variable)], value=value) as stmt, body) if value is made:
            uses = [one for one in uses_in(function)[variable] if one is not stmt.targets[0]]
        case _:
            return None
    calls = [next(iter(above(function, one)), None) for one in uses]
    last = name.rpartition(".")[2]
    options = None if _is_unpacking(made) else _options(module, made, last)
    arguments = [*made.args, *(one.value for one in made.keywords)]
    if options is None or not uses or not all(isinstance(one, n.Constant) for one in arguments):
        return None
    is_elsewhere = any(not stmt.start <= one.start < body[-1].end for one in uses)
    if is_elsewhere or len(scope_in(function).bindings[variable]) != 1:
        return None
    if any(isinstance(one, (n.Global, n.Nonlocal)) and variable in one.names for one in statements(function.body)):
        return None
    spell = Speller(module, outermost(module, function).start, _locals(function))
    spelled = spell(_METHODS[last]) if last in _METHODS else _functional(spell, _path(last))
    removed = without(module.source.text, body, stmt)
    if spelled is None or removed is None or last in _PADDINGS or not _path(last):
        return None
    edits = [removed]
    for use, call in zip(uses, calls, strict=True):
        if (
            not isinstance(call, n.Call)
            or call.func is not use
            or call.keywords
            or _is_unpacking(call)
            or not call.args
        ):
            return None
        end = call.args[-1].end
        edits.append(Edit(use.start, use.end, spelled))
        edits += [Edit(end, end, "".join(f", {one}" for one in options))] if options else []
    return Fix(module.path, f"call `{spelled}`", Safety.SAFE.value, tuple(sorted(edits)), tuple(spell.imports))


def _path(last: str) -> str:
    return f"torch.nn.functional.{_FUNCTIONS[last][0]}" if last in _FUNCTIONS else ""
