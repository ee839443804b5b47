"""What the tool says about itself and about the comments that speak to it."""

from scriptlint.diag import Fixable, Rule, Severity, Target

UNREADABLE_FILE = Rule(
    code="SL900",
    name="unreadable-file",
    severity=Severity.ERROR,
    target=Target.TOOL,
    message="this file cannot be read: {reason}",
)

SYNTAX_ERROR = Rule(
    code="SL901",
    name="syntax-error",
    severity=Severity.ERROR,
    target=Target.TOOL,
    message="this is not Python: {reason}",
    help="{consequence}",
)

INTERNAL_ERROR = Rule(
    code="SL902",
    name="internal-error",
    severity=Severity.ERROR,
    target=Target.TOOL,
    message="scriptlint failed on this file: {reason}",
    help="this is a bug in scriptlint, not in the file: please report it with the file or the part of it that does this",
)

UNUSED_SUPPRESSION = Rule(
    code="SL903",
    name="unused-suppression",
    severity=Severity.WARNING,
    target=Target.TOOL,
    message="this comment suppresses nothing: {unused}",
    help="remove {unused} from the comment",
    fixable=Fixable.SOMETIMES,
)

UNKNOWN_SUPPRESSION = Rule(
    code="SL904",
    name="unknown-suppression",
    severity=Severity.WARNING,
    target=Target.TOOL,
    message="a suppression comment names `{unknown}`, which is not a rule{nearest}",
    help="`scriptlint rules` lists the codes and names there are",
)

MALFORMED_SUPPRESSION = Rule(
    code="SL905",
    name="malformed-suppression",
    severity=Severity.WARNING,
    target=Target.TOOL,
    message="a comment that speaks to scriptlint is not understood: `{comment}`",
    help="write `# scriptlint: ignore[CODE] -- reason`, `file-ignore[CODE]` for the whole file, or `off[CODE]` before and "
    "`on[CODE]` after a block",
)

FAILED_PACK = Rule(
    code="SL908",
    name="failed-pack",
    severity=Severity.ERROR,
    target=Target.TOOL,
    message="a check of the pack `{pack}` failed on this function: {reason}",
    help="this is a bug in the pack, not in the function: tell those who keep it",
)

# Rules whose notes describe the normal case: they are reported only on request, by `--notes` or a selection of rules.
NORMAL_NOTES = frozenset({"SL861"})
# Rules whose notes say what a trace keeps of the example's dtype, device, rank and state of autograd, what torch warns of for
# no harm, and where an archive puts its tensors: they are printed on request.
# JSON has them always, since a program that reads it chooses by the severity.
QUIET_NOTES = frozenset({"SL715", "SL815", "SL818", "SL833", "SL845", "SL846", "SL847"})

# Where one of these is found the tool could not do its work: exit code 2, and no selection leaves them out.
FAILURES = frozenset({UNREADABLE_FILE.code, SYNTAX_ERROR.code, INTERNAL_ERROR.code, FAILED_PACK.code})
