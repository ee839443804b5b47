"""What a maintainer is told: runs over whole repositories and writes the section "Repositories" of docs/accuracy.md.

    python benchmarks/repositories.py FOLDER... [--docs]

Each FOLDER is the checkout of one repository, called `OWNER+NAME` or as it likes. Printed are the findings by how their code
reaches the compiler, their share of what `--unreached` reports, the verdicts, why some are unknown, the calls of torch.jit
whose object could not be told, and the packages that were not found. `--docs` keeps the rows of the other repositories.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from accuracy import ROOT, sections

from scriptlint.diag import Diagnostic
from scriptlint.engine.discover import discover
from scriptlint.engine.lint import Linted, lint
from scriptlint.engine.settings import Finder

HEAD = [
    "Public repositories as their maintainers see them: `scriptlint .`, without their dependencies installed.",
    "",
    "| | files | errors | warnings | notes | of `--unreached` | scripted | ok | unknown | traced | faithful | unknown | calls not told |",
    "|---|" + "---:|" * 12,
]
SHOWN = 8
ORDER = ("ok", "faithful", "blocked", "refused", "erases", "depends", "unknown")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/accuracy.md")
    given = parser.parse_args()
    rows = [measured(folder.resolve()) for folder in given.folders]
    print("\n".join([*HEAD, *rows]))
    if given.docs:
        document = ROOT / "docs" / "accuracy.md"
        document.write_text(with_rows(document.read_text("utf-8"), rows), "utf-8")
    return 0


def with_rows(text: str, rows: list[str]) -> str:
    """Return a document in whose table these rows take the place of those of the same repositories."""
    old = ""
    if "Repositories" in sections(text):
        old = "## Repositories\n" + text.split("## Repositories\n", 1)[1].split("\n## ", 1)[0]
    known = {row.split("|")[1].strip(): row for row in old.splitlines() if row.startswith("| ") and row not in HEAD}
    known |= {row.split("|")[1].strip(): row for row in rows}
    part = "\n".join(["## Repositories", "", *HEAD, *(known[name] for name in sorted(known))]) + "\n"
    return text.replace(old, part) if old else text.rstrip("\n") + "\n\n" + part


def measured(folder: Path) -> str:
    """Run over one repository, print what there is to say of it, and return its row of the table."""
    default, whole = run(folder, "count"), run(folder, "report")
    name = folder.name.rpartition("+")[2]
    severities = Counter(one.severity for one in default.findings)
    outcomes = default.outcomes
    print(f"# {name}")
    for kind, count in Counter(map(root_kind, default.findings)).most_common():
        print(f"  {count} findings: {kind}")
    for target, counts in sorted(outcomes.verdicts.items()):
        known = ", ".join(f"{counts[one]} {one}" for one in ORDER if one in counts)
        print(f"  {target}: {known}")
    for reason, count in Counter(outcomes.unseen).most_common(SHOWN):
        print(f"  {count} unknown: {reason}")
    print(
        f"  {len(outcomes.untold)} calls whose object could not be told, {outcomes.unreached} modules reached by nothing"
    )
    print(f"  {len(outcomes.missing)} packages not found: {', '.join(outcomes.missing)}")
    share = f"{100 * len(default.findings) / max(len(whole.findings), 1):.1f} %"
    cells: list[object] = [name, files(folder), *(severities[one] for one in ("error", "warning", "note")), share]
    for target, good in (("script", "ok"), ("trace", "faithful")):
        counts = outcomes.verdicts.get(target, {})
        cells += [sum(counts.values()), counts.get(good, 0), counts.get("unknown", 0)]
    return f"| {' | '.join(map(str, [*cells, len(outcomes.untold)]))} |"


def run(folder: Path, unreached: str) -> Linted:
    """Lint a repository."""
    finder = Finder(isolated=True, overrides={"unreached": unreached})
    finder.of(str(folder))
    return lint(discover([str(folder)], finder), {}, cache=False, jobs=1)


def files(folder: Path) -> int:
    """Count the files that are linted."""
    return len(discover([str(folder)], Finder(isolated=True)).files)


def root_kind(finding: Diagnostic) -> str:
    """Tell how the code of a finding reaches the compiler, by the first step of its trail."""
    if not finding.trail:
        return "without a trail"
    first = finding.trail[0]
    word = "traced" if "is traced" in first.message else "scripted"
    parts = Path(first.span.path).parts
    is_test = any(one in ("test", "tests") or one.startswith("test_") for one in parts)
    return f"{word} in {'a test' if is_test else 'the code'}"


if __name__ == "__main__":
    sys.exit(main())
