"""Roots of programs that are configured from outside: by the command line, a file, or whoever calls a function."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from scriptlint.cli import run

MODEL = """
    import argparse
    import json
    import torch
    from torch import nn

    class Good(nn.Module):
        def forward(self, x: torch.Tensor):
            return x

    class Bad(nn.Module):
        def forward(self, x: torch.Tensor):
            return [one for one in x if one.sum() > 0]

    KINDS = {"good": Good, "bad": Bad}

    class Settings(dict):
        def __getattr__(self, name):
            return self[name]

        def __setattr__(self, name, value):
            self[name] = value

    def flag(text):
        if isinstance(text, bool):
            return text
        return text.lower() in ("yes", "true")
"""
# What follows, and what is said of the comprehension in `Bad`: nothing, that it is refused, or under which condition.
PROGRAMS = {
    "an option that is off by default": (
        """
        parser = argparse.ArgumentParser()
        parser.add_argument("--jit", action="store_true")
        args = parser.parse_args()
        model = Bad()
        if args.jit:
            model = torch.jit.script(model)
        """,
        "",
    ),
    "an option of a type of one's own": (
        """
        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--jit", type=flag, default="false")
            parser.add_argument("--kind", default="bad")
            args, _ = parser.parse_known_args()
            model = KINDS[args.kind]()
            if args.jit is True:
                torch.jit.script(model)

        if __name__ == "__main__":
            main()
        """,
        "",
    ),
    "options that become a dictionary": (
        """
        def add_options(parser):
            group = parser.add_argument_group("model")
            group.add_argument("--kind", choices=("good", "bad"), default="good")

        def main():
            parser = argparse.ArgumentParser()
            add_options(parser)
            settings = Settings({"layers": 3})
            settings.update(vars(parser.parse_args()))
            torch.jit.script(KINDS[settings.kind]())

        main()
        """,
        "--kind == 'bad'",
    ),
    "many options before": (
        """
        parser = argparse.ArgumentParser()
        for name in ("--a", "--b", "--c", "--d", "--e", "--f", "--g", "--h"):
            parser.add_argument(name, action="store_true")
        parser.add_argument("--export", action="store_true")
        args = parser.parse_args()
        total = 0
        if args.a: total += 1
        if args.b: total += 1
        if args.c: total += 1
        if args.d: total += 1
        if args.e: total += 1
        if args.f: total += 1
        if args.g: total += 1
        if args.export:
            torch.jit.script(Bad())
        """,
        "",
    ),
    "a file that names the class": (
        """
        def make(config):
            return KINDS[config.get("kind", "good")]()

        def main(path):
            with open(path) as file:
                config = json.load(file)
            torch.jit.script(make(config))
        """,
        "json.load(...).get('kind') == 'bad'",
    ),
    "two entries of a file are two": (
        """
        config = json.load(open("config.json"))
        first, second = config.get("first", "good"), config.get("second", "bad")
        if first == "good" and second == "good":
            torch.jit.script(Good())
        if first == "good" and second == "bad":
            torch.jit.script(Bad())
        """,
        "",
    ),
    "a file that decides too much": (
        """
        config = json.load(open("config.json"))
        layers = 0
        if config["a"] > -1: layers += 1
        if config["b"] == 3: layers += 1
        if config["c"]: layers += 1
        if config["d"] is not None: layers += 1
        if config["e"]: layers += 1
        if config["f"]: layers += 1
        if config["g"]: layers += 1
        if config["h"]: layers += 1
        if config["i"]: layers += 1
        torch.jit.script(Bad())
        """,
        None,
    ),
    "a file whose entries have defaults": (
        """
        config = json.load(open("config.json"))
        kind = config.get("kind", "bad")
        layers = 0
        if config.get("a", 1) > 2: layers += 1
        if config.get("b") is not None and config.get("c", None) == "x": layers += 1
        if config.get("d", False): layers += 1
        if config.get("e", True): layers += 1
        if config.get("f", "x") == "y": layers += 1
        if config.get("g", 1) == 3: layers += 1
        torch.jit.script(KINDS[kind]())
        """,
        "",
    ),
    "names that a file lists": (
        """
        with open("names.json") as file:
            NAMES = json.load(file)
        ALL = ("",) + tuple(sorted(NAMES))

        class Checked(Bad):
            def __init__(self, name):
                super().__init__()
                if any(one not in ALL for one in [name]):
                    raise ValueError(name)

        torch.jit.script(Checked("carbon"))
        """,
        "",
    ),
    "an object that a caller has changed": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = Bad()

            def forward(self, x: torch.Tensor):
                return self.inner(x)

        def export(model: Net):
            model.eval()
            torch.jit.script(model)

        def main():
            model = Net()
            model.inner = Good()
            export(model)

        if __name__ == "__main__":
            main()
        """,
        None,
    ),
    "an object of which only the class is known": (
        """
        def export(model: Bad):
            model.eval()
            torch.jit.script(model)
        """,
        "",
    ),
    "a flag of a configuration that may be False": (
        """
        class Net(nn.Module):
            def __init__(self, config):
                super().__init__()
                self.inner = Bad() if config.large else Good()
                self.twice = config.twice
                if config.twice:
                    self.other = Good()

            def forward(self, x: torch.Tensor):
                if self.twice:
                    return self.inner(x)
                return x

        def main(bundle):
            torch.jit.script(Net(bundle.config))
        """,
        "bundle.config.large",
    ),
    "a method that is set on the class": (
        """
        def identity(self, x: torch.Tensor):
            return x

        def main():
            model = Bad()
            model.__class__.forward = identity
            torch.jit.script(model)

        main()
        """,
        None,
    ),
    "a method of the class that is left to Python": (
        """
        model = Bad()
        model.__class__.forward = torch.jit.ignore(model.__class__.forward)
        torch.jit.script(model)
        """,
        None,
    ),
    "a method that another program sets on the class": (
        """
        def changed():
            Bad.forward = Good.forward
            torch.jit.script(Good())

        def plain():
            torch.jit.script(Bad())
        """,
        "",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    body, expected = PROGRAMS[name]
    path = tmp_path / "program.py"
    path.write_text(dedent(MODEL) + dedent(body))
    run(["check", "--isolated", "--no-cache", "--output-format", "concise", str(path)])
    found = re.findall(r"SL124 .*?(?: \(when (.*)\))?$", capsys.readouterr().out, re.MULTILINE)
    assert found == ([] if expected is None else [expected])


def test_what_is_read_of_a_file_is_followed_to_the_objects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "program.py").write_text(
        dedent(MODEL) + dedent(PROGRAMS["a file that names the class"][0]).replace('"bad": Bad', "")
    )
    run(["check", "--isolated", "--no-cache", str(tmp_path)])
    assert "Judged 2 objects for script (1 ok, 1 blocked)" in capsys.readouterr().out


def test_a_flag_that_is_false_is_not_taken_for_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = PROGRAMS["a flag of a configuration that may be False"][0]
    (tmp_path / "program.py").write_text(dedent(MODEL) + dedent(body))
    run(["check", "--isolated", "--no-cache", "--output-format", "concise", str(tmp_path)])
    assert "SL510" not in capsys.readouterr().out
