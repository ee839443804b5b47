"""What a run of `scriptlint check` was asked for, under the names of its options."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of a run but those that are settings; `stdin` is the path and the content of the file that is read there."""

    paths: tuple[str, ...]
    stdin: tuple[str, bytes] | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    fix: bool = False
    fix_only: bool = False
    diff: bool = False
    interactive: bool = False
    show_fixes: bool = False
    fixable: tuple[str, ...] = ()
    unfixable: tuple[str, ...] = ()
    exit_non_zero_on_fix: bool = False
    confirm: bool = False
    add_ignore: str | None = None
    exclude: tuple[str, ...] = ()
    extend_exclude: tuple[str, ...] = ()
    baseline: str | None = None
    error_on_warning: bool = False
    watch: bool = False
    show_files: bool = False
    show_settings: bool = False
    no_cache: bool = False
    jobs: int = 0
    output_files: tuple[str, ...] = ()
    statistics: bool = False
    exit_zero: bool = False
    quiet: bool = False
    colour: str = "auto"

    @property
    def fixes(self) -> bool:
        """Whether files are repaired, be it only in memory."""
        return self.fix or self.fix_only or self.diff or self.interactive

    @property
    def only_lints(self) -> bool:
        """Whether nothing else is done than to find and to print."""
        return not (self.fixes or self.confirm or self.add_ignore is not None)

    @property
    def says_findings(self) -> bool:
        """Whether what is found is printed, and decides on the exit code."""
        return not (self.diff or self.fix_only)
