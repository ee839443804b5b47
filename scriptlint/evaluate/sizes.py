"""How large a value is, its parts and theirs counted as often as they are met: a list may hold itself, or twice the same."""

from __future__ import annotations

from scriptlint.evaluate.values import Choice, Foreign, Held, Instance, Items, Mapping, Partial, Unknown, Value

LARGEST = 50_000
"""How many parts are looked at, of whatever the code makes; a larger value is unknown to those who need all of it."""

TOO_LARGE = Unknown(f"a value with more than {LARGEST:,} parts")

# Types are compared, as in other places that ask often: isinstance of a struct asks its metaclass, and costs twenty times that.
_WITH_PARTS = frozenset({Items, Mapping, Partial, Choice})


def is_small(value: Value) -> bool:
    """Return True if a value has no more parts than anybody looks at."""
    left = LARGEST
    pending = [value]
    while pending:
        one = pending.pop()
        if type(one) not in _WITH_PARTS:
            continue
        parts: list[Value]
        match one:
            case Items():
                parts = one.items
            case Mapping():
                parts = list(one.items.values())
            case Partial():
                parts = [one.callee, *one.arguments, *one.keywords.values()]
            case Choice():
                parts = [option.value for option in one.options]
            case _:
                continue
        left -= len(parts)
        if left < 0:
            return False
        pending += parts
    return True


def forget_large(instance: Instance) -> None:
    """Forget the values on an object, and on those below it, that are too large to be looked at."""
    for one in instance.below():
        for options in one.attributes.values():
            for index, held in enumerate(options):
                if not is_small(held.value):
                    options[index] = Held(TOO_LARGE, held.when, held.span)
        if one.foreign is not None and not is_small(Partial(TOO_LARGE, [*one.foreign.arguments], one.foreign.keywords)):
            one.foreign = Foreign(one.foreign.name, (TOO_LARGE,), {})
