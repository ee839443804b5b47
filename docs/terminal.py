"""Draws docs/terminal.svg: `scriptlint net.py` on the model of docs/guides/first-model.md, as a terminal shows it.

python docs/terminal.py
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "terminal.svg"
COLUMNS = 112
NAME = "net.py"

THEME = TerminalTheme(
    (24, 26, 33),
    (214, 218, 226),
    [(24, 26, 33), (240, 96, 96), (120, 200, 120), (230, 190, 90), (110, 160, 250), (200, 130, 230), (90, 200, 210), (214, 218, 226)],
    [(110, 116, 130), (255, 120, 120), (140, 220, 140), (250, 210, 110), (130, 180, 255), (220, 150, 250), (110, 220, 230), (255, 255, 255)],
)  # fmt: skip

# rich's own, without the fonts that it loads from the network: the machine's monospace will do.
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{unique_id}-name" xmlns="http://www.w3.org/2000/svg">
<title id="{unique_id}-name">{{title}}</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def coloured() -> str:
    """What the tool prints on a terminal for that model."""
    page = (ROOT / "docs" / "guides" / "first-model.md").read_text(encoding="utf-8")
    shown = re.search(rf"^```python\n(# {NAME}\n.*?)^```$", page, re.M | re.S)
    assert shown
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, NAME).write_text(shown[1], encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "scriptlint", NAME, "--isolated", "--no-cache", "--color", "always"],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1, done.stderr
    return done.stdout


def main() -> None:
    """Writes the picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(Text.from_ansi(f"$ \x1b[1mscriptlint {NAME}\x1b[0m"), highlight=False)
    for line in coloured().splitlines():
        console.print(Text.from_ansi(line), highlight=False)
    code = FORMAT.replace("{{title}}", f"What scriptlint {NAME} prints in a terminal")
    picture = console.export_svg(title=f"scriptlint {NAME}", theme=THEME, code_format=code, unique_id="scriptlint")
    PICTURE.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
