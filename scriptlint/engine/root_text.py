"""Whether the text of a file gives something to torch.jit: the question that is asked of each file of a project."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection

# `jit.compile` is what packages call it that script or trace, whichever a module asks for.
_ROOT = re.compile(
    r"\bjit\s*\.\s*(?:script|trace|trace_module|script_if_tracing|script_method|compile)\b|\bonnx\s*\.\s*export\b"
    r"|\bfrom\s+torch\s*\.\s*(?:jit|onnx)\s+import\b|\bimport\s+torch\s*\.\s*jit\s+as\b"
    r"|\bfrom\s+torch\s+import\b[^\n]*\b(?:jit|onnx)\b|\bto_torchscript\s*\("
)
_WITHOUT = (tokenize.COMMENT, tokenize.STRING, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)


def gives_to_compiler(text: str, compilers: Collection[str] = ()) -> bool:
    """Return True if code in a text names what compiles, traces or exports; comments and strings do not count.

    `compilers` are the last names of further functions that do so.
    """
    if _ROOT.search(text) is None and not _names(text, compilers):
        return False
    try:
        tokens = [
            one.string for one in tokenize.generate_tokens(io.StringIO(text).readline) if one.type not in _WITHOUT
        ]
    except (tokenize.TokenError, SyntaxError):
        return True  # it is no Python as a whole, and may hold roots in the rest
    code = " ".join(tokens)
    return _ROOT.search(code) is not None or _names(code, compilers)


def may_hold(text: str, compilers: Collection[str] = ()) -> bool:
    """Return True if there may be roots in a file with this text; `compilers` as above."""
    return any(one in text for one in ("jit", "onnx", "to_torchscript", *compilers))


def _names(text: str, compilers: Collection[str]) -> bool:
    return any(re.search(rf"\b{name}\b", text) is not None for name in compilers)
