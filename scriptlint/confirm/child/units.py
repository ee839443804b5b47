"""What the compiler reads, one function after the other, seen from its front end; and putting a unit out of its way.

`torch.jit.frontend.parse_def` is where every function that is compiled becomes a syntax tree. A unit that was refused is
put out of the way by giving the compiler a tree with the same signature and a body that raises, which is what
`@torch.jit.unused` does too. Where nobody says what the unit returns, a tensor is assumed.
"""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

_PLACE = re.compile(r'File "([^"]+)", line (\d+)')


class Watch:
    """While it is entered, notes every unit that is compiled, and replaces those that are listed as stubs.

    A unit is `{"file", "row", "end", "name", "caller": [name, file, row] | None}`, with `failed` where the attempt to
    compile it failed and with `guessed` where nothing says what it returns; a stub `{"unit": [file, row, name],
    "level": 0 | 1}`. At level 0 a stub keeps the annotations of the unit, at level 1 it has none that could be refused.
    """

    def __init__(self, stubs: list[dict[str, Any]]) -> None:
        self.units: list[dict[str, Any]] = []
        self._caller: str | None = None
        self._stubs = {tuple(one["unit"]): one["level"] for one in stubs}

    def __enter__(self) -> Watch:
        import torch
        from torch import _sources
        from torch.jit import _recursive, frontend

        self._parse, self._compile = frontend.parse_def, _recursive.try_compile_fn
        self._script, self._lines = torch.jit.script, _sources.get_source_lines_and_file
        frontend.parse_def, _recursive.try_compile_fn = self._parsed, self._called
        torch.jit.script, _sources.get_source_lines_and_file = self._scripted, self._read
        return self

    def __exit__(self, *_: object) -> None:
        import torch
        from torch import _sources
        from torch.jit import _recursive, frontend

        frontend.parse_def, _recursive.try_compile_fn = self._parse, self._compile
        torch.jit.script, _sources.get_source_lines_and_file = self._script, self._lines

    def _read(self, function: Any, *arguments: Any) -> Any:
        """Behind a decorator that wraps, torch reads the source of the function and names the file of the wrapper."""
        lines, row, file = self._lines(function, *arguments)
        return lines, row, inspect.getsourcefile(inspect.unwrap(function)) if hasattr(function, "__wrapped__") else file

    def _scripted(self, *arguments: Any, **keywords: Any) -> Any:
        """Script a function, and mark it as failed if that fails: torch tries all that are attributes, and hides the error."""
        before = len(self.units)
        try:
            return self._script(*arguments, **keywords)
        except Exception:
            for unit in self.units[before:]:
                unit["failed"] = True
            raise

    def _called(self, function: Any, place: Any) -> Any:
        """Compile a function that is called, and note the place of the call."""
        try:
            self._caller = place.highlight()
        except Exception:
            self._caller = None
        return self._compile(function, place)

    def _caller_of_next(self) -> list[Any] | None:
        place = _PLACE.search(self._caller or "")
        self._caller = None
        if place is None:
            return None
        file, row = place[1], int(place[2])
        holding = [one for one in self.units if one["file"] == file and one["row"] <= row <= one["end"]]
        return [holding[-1]["name"] if holding else "", file, row]

    def _parsed(self, function: Any) -> Any:
        unit: dict[str, Any] = {"caller": self._caller_of_next()}
        code = getattr(function, "__code__", None)
        unit.update(
            file=getattr(code, "co_filename", ""),
            row=getattr(code, "co_firstlineno", 0),
            name=getattr(function, "__qualname__", repr(function)),
        )
        unit["end"] = unit["row"]
        self.units.append(unit)
        parsed = self._parse(function)
        unit.update(file=parsed.filename, row=parsed.file_lineno, end=parsed.file_lineno + parsed.source.count("\n"))
        unit["guessed"] = guessed_return(parsed.ast.body[0], parsed.source)
        level = self._stubs.get((unit["file"], unit["row"], unit["name"]))
        return parsed if level is None else _stubbed(parsed, level)

    def failing(self, message: str, last: bool) -> list[Any] | None:
        """Return the unit that a refusal is about: the one that holds the first place it names; where it names none, the one
        that was read last if `last` says that reading it failed."""
        for file, row in _PLACE.findall(message):
            holding = [one for one in self.units if one["file"] == file and one["row"] <= int(row) <= one["end"]]
            if holding:
                return _key(max(holding, key=lambda one: one["row"]))
        return _key(self.units[-1]) if self.units and last else None


def _key(unit: dict[str, Any]) -> list[Any]:
    return [unit["file"], unit["row"], unit["name"]]


def guessed_return(definition: ast.FunctionDef, source: str) -> bool:
    """Return True if nothing says what a function returns that returns something."""
    returned = [one for one in ast.walk(definition) if isinstance(one, ast.Return) and one.value is not None]
    return definition.returns is None and "# type:" not in source and bool(returned)


def _stubbed(parsed: Any, level: int) -> Any:
    import torch

    tree = parsed.ast
    definition = tree.body[0]
    if guessed_return(definition, parsed.source) or level:
        definition.returns = ast.parse("Tensor", mode="eval").body
    definition.body = ast.parse('raise RuntimeError("put aside by scriptlint confirm")').body
    arguments = definition.args
    # Keyword-only parameters with defaults are refused; defaults themselves come from the function object.
    arguments.args = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    arguments.posonlyargs, arguments.kwonlyargs, arguments.kw_defaults = [], [], []
    arguments.vararg = arguments.kwarg = None
    source = parsed.source
    if level:
        for argument in arguments.args:
            argument.annotation = ast.parse("Any", mode="eval").body
        source = ""
    else:
        try:
            torch.jit.annotations.get_type_line(source)
        except Exception:
            source = ""
    return parsed._replace(ast=tree, source=source)
