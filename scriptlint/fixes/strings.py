"""Formatted values of f-strings: TorchScript has plain ones only."""

from __future__ import annotations

from scriptlint.fixes.imports import Speller
from scriptlint.fixes.places import scope_in
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.text import Edit, Fix, Safety


def plain_value(module: ModuleInfo, function: n.FunctionDef, part: n.FormattedValue) -> Fix | None:
    """`{x!s}` becomes `{str(x)}`, `{x!r}` and `{x:.2f}` become `{x}`, and `{x=}` becomes `x={x}`."""
    start, end, value = part.start, part.end, module.text(part.value)
    if module.source.text[start] != "{" or "\n" in module.text(part):
        return None
    if part.equal:
        label = module.source.text[start + 1 : part.value.end].lstrip()
        made, safety = f"{label}={{{value}}}", Safety.UNSAFE
        if any(one in label for one in "'\"{}"):
            return None
    elif part.conversion == "s" and part.format_spec is None:
        spelled = Speller(module, function.start, frozenset(scope_in(function).bindings))
        text = spelled("builtins.str")
        if text is None:
            return None
        made, safety = f"{{{text}({value})}}", Safety.SAFE
    else:
        made, safety = f"{{{value}}}", Safety.UNSAFE
    return Fix(module.path, f"write `{made}`", safety.value, (Edit(start, end, made),))
