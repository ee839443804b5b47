"""How long people wait, on the command line and in an editor, as multiples of what Python takes to start.

    python benchmarks/latency.py [FILE] [--rounds 5]

FILE is opened and edited (default: a model of torchvision or timm of about 500 lines, if one is installed, else
examples/models.py). All figures are CPU time of the processes that work, medians of the rounds, taken in turns within one
run, so that they mean the same on a slow machine and on a busy one. Linux only: what a server has used is read in /proc.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CANDIDATES = (("torchvision", "models/inception.py"), ("timm", "models/visformer.py"))
IDLE = 3.0
SCRIPTLINT = [sys.executable, "-m", "scriptlint"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    source = given.file or default_file()
    text = source.read_text(encoding="utf-8")
    print(f"{source.name}, {text.count(chr(10))} lines, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / source.name
        path.write_text(text, encoding="utf-8")
        commands: dict[str, Callable[[], float]] = {
            "python -c pass": lambda: spent([sys.executable, "-c", "pass"], folder),
            "ruff check -": lambda: spent([sys.executable, "-m", "ruff", "check", "-"], folder, text),
            "import libcst": lambda: spent([sys.executable, "-c", "import libcst"], folder),
            "scriptlint --version": lambda: spent([*SCRIPTLINT, "--version"], folder),
            "scriptlint FILE, nothing remembered": lambda: spent([*SCRIPTLINT, "--no-cache", path.name], folder),
            "scriptlint FILE, remembered": lambda: spent([*SCRIPTLINT, path.name], folder),
            "scriptlint -, nothing remembered": lambda: spent([*SCRIPTLINT, "--no-cache", "-"], folder, text),
        }
        commands["scriptlint FILE, remembered"]()
        figures: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(given.rounds):
            for name, command in commands.items():
                figures[name].append(command())
            for name, figure in in_an_editor(path, text).items():
                figures.setdefault(name, []).append(figure)
    unit = median(figures["python -c pass"])
    print(f"{'':44} {'ms of CPU':>10} {'times python':>13}")
    for name, each in figures.items():
        print(f"{name:44} {median(each) * 1000:10.0f} {median(each) / unit:13.1f}")


def default_file() -> Path:
    """Return a model that people have."""
    for package, inner in CANDIDATES:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None and (found := Path(spec.origin).parent / inner).exists():
            return found
    return ROOT / "examples" / "models.py"


def spent(command: list[str], folder: str, text: str = "") -> float:
    """Return the CPU time of a command and what it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, input=text, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_an_editor(path: Path, text: str) -> dict[str, float]:
    """Return what a server uses for what people do in a file."""
    server = Server(path.parent)
    figures: dict[str, float] = {}

    def taken(name: str, work: Callable[[], object]) -> None:
        before = server.used()
        work()
        figures[f"server: {name}"] = server.used() - before

    rows = text.split("\n")
    indented = [row for row, line in enumerate(rows) if line.startswith("        return ")]
    middle = indented[len(indented) // 2] if indented else len(rows) // 2
    commented = [*rows[:middle], rows[middle] + "  # why", *rows[middle + 1 :]]
    changed = [*commented[:middle], "        assert True", *commented[middle:]]
    taken("open", lambda: server.open(path, text))
    figures["server: open"] = server.used()  # its start included
    taken("a comment is written in a function", lambda: server.change(path, "\n".join(commented)))
    taken("a statement is written in a function", lambda: server.change(path, "\n".join(changed)))
    taken("half a statement is written", lambda: server.change(path, "\n".join([*changed, "class Half("])))
    taken("and is taken back", lambda: server.change(path, "\n".join(changed)))
    place = {"textDocument": {"uri": path.as_uri()}, "position": {"line": middle, "character": 15}}
    taken("hover", lambda: server.ask("textDocument/hover", place))
    taken("verdicts", lambda: server.ask("textDocument/codeLens", {"textDocument": {"uri": path.as_uri()}}))
    taken(f"nothing for {IDLE:.0f} seconds", lambda: time.sleep(IDLE))
    server.close()
    return figures


class Server:
    """A server, and what it takes to speak to it."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [*SCRIPTLINT, "server"], cwd=folder, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._asked = 0
        self._version = 0
        parameters = {"processId": os.getpid(), "capabilities": {}, "rootUri": folder.as_uri()}
        self.ask("initialize", parameters)
        self._send("initialized", {})

    def open(self, path: Path, text: str) -> None:
        """Open a file, and wait for what is found."""
        self._version = 1
        item = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
        self._send("textDocument/didOpen", {"textDocument": item})
        self._published()

    def change(self, path: Path, text: str) -> None:
        """Change it, and wait for what is found then."""
        self._version += 1
        item = {"uri": path.as_uri(), "version": self._version}
        self._send("textDocument/didChange", {"textDocument": item, "contentChanges": [{"text": text}]})
        self._published()

    def ask(self, method: str, parameters: object) -> object:
        """Return what is answered."""
        self._asked += 1
        self._send(method, parameters, self._asked)
        while True:
            message = self._receive()
            if message.get("id") == self._asked and "method" not in message:
                return message.get("result")

    def used(self) -> float:
        """Return the CPU time of the server and its worker so far."""
        ticks = 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if self._process.pid in (int(process.name), int(fields[1])):
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End it."""
        self.ask("shutdown", None)
        self._send("exit", None)
        self._process.wait()

    def _published(self) -> None:
        while True:
            message = self._receive()
            if message.get("method") == "textDocument/publishDiagnostics":
                if message["params"]["version"] == self._version:
                    return

    def _send(self, method: str, parameters: object, number: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": parameters}
        data = json.dumps(message if number is None else {**message, "id": number}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        found: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return found


if __name__ == "__main__":
    main()
