"""What the pages have in common: the document, text that is safe in it, and code with a mark."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from importlib import resources

from scriptlint.diag import Diagnostic, pages
from scriptlint.engine.paths import printable
from scriptlint.output.places import Places

_AROUND = 3
_LONGEST = 400  # characters of a line of code
_COMPILER = re.compile(r"^```compiler\n(.*?)^```$", re.M | re.S)


def document(title: str, header: str, main: str) -> str:
    """Return a whole page."""
    style, script = (resources.files(__package__).joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text(title)}</title>
<style>{style}</style>
<header>
{header}
</header>
<main>
{main}
</main>
<script>{script}</script>
</html>
"""


def tiles(counts: Iterable[tuple[str, int, str]]) -> str:
    """Return numbers in large letters, each with a kind for its colour and its words."""
    each = (f'<div class="tile {kind}"><b>{number}</b>{words}</div>' for kind, number, words in counts)
    return f'<div class="tiles">{"".join(each)}</div>'


def filters(kinds: Iterable[tuple[str, str]]) -> str:
    """Return the controls that the script uses: words, and a box for each kind with its name."""
    boxes = "".join(f'<label><input type="checkbox" value="{kind}" checked> {name}</label>' for kind, name in kinds)
    search = '<input type="search" placeholder="Filter by name, code or words" aria-label="Filter">'
    return f'<div class="filters" hidden>\n{search}\n{boxes}\n</div>'


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "overview") -> str:
    """Return a table whose cells are HTML; empty without rows. It scrolls by itself where it is too wide."""
    body = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in rows)
    heads = "".join(f'<th scope="col">{title}' for title in titles)
    whole = f"<table class='{kind}'><thead><tr>{heads}<tbody>{body}</table>"
    return f'<div class="wide" tabindex="0">{whole}</div>' if body else ""


def text(value: object) -> str:
    """Return a value as text that is nothing else in HTML."""
    return html.escape(printable(str(value)))


def prose(sentence: str) -> str:
    """Return a sentence in which code stands between backticks."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", text(sentence))


def breakable(name: str) -> str:
    """Return a name that may go on in the next line, but not anywhere."""
    return re.sub(r"(::|[/.(_])", r"\1<wbr>", text(name))


def line(code: str) -> str:
    """Return a line of code."""
    return html.escape(printable(code.replace("\t", "    ")))


def code_of(finding: Diagnostic, places: Places) -> str:
    """Return the code around a finding, which is marked in it."""
    source = places.source(finding.span.path)
    if source is None:
        return ""
    start, end = source.location(finding.span.start), source.location(finding.span.end)
    lines = []
    for row in range(max(1, start.row - _AROUND), min(len(source.line_starts), start.row + _AROUND) + 1):
        code = source.line(row)[:_LONGEST]
        if row == start.row:
            stop = end.column - 1 if end.row == row else len(code)
            parts = code[: start.column - 1], code[start.column - 1 : stop], code[stop:]
            shown = f"{line(parts[0])}<mark>{line(parts[1])}</mark>{line(parts[2])}"
        else:
            shown = line(code)
        lines.append(f'<span class="row">{source.number(row)}</span>{shown}')
    return f'<pre tabindex="0">{chr(10).join(lines)}</pre>'


def rule_link(code: str) -> str:
    """Return the code of a rule, which leads to what this page says of it."""
    return f'<a href="#{text(code)}"><code>{text(code)}</code></a>'


def rules(codes: Iterable[str]) -> str:
    """Return what there is to know about some rules: their pages in short, and the compiler's words to be unfolded."""
    from scriptlint.engine.registry import all_rules

    known = all_rules()
    each = "".join(_rule(code, known[code].name, known[code].help) for code in sorted(set(codes)) if code in known)
    return f'<section class="rules"><h2>Rules</h2>{each}</section>' if each else ""


def _rule(code: str, name: str, help_text: str) -> str:
    page = pages.read(code) or ""
    words = _COMPILER.search(page)
    published = pages.published(code)
    more = f'<p><a href="{text(published)}">The page of this rule</a></p>' if published is not None else ""
    said = "\n".join(map(line, words[1].strip().splitlines())) if words is not None else ""
    unfolded = f'<details class="part"><summary>What torch says</summary><pre tabindex="0">{said}</pre></details>'
    return f"""<article id="{code}"><h3><code>{code}</code> {text(name)}</h3>
<p>{prose(pages.summary(page) or help_text)}</p>{more}{unfolded if said else ""}
</article>
"""
