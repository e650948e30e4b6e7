"""A form on its way out: what was typed, and what is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.console.session import Visit
from app.errors import GatewayError

_NEVER_SHOWN_AGAIN = frozenset({"password", "current", "new", "again", "code", "csrf"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `name` is the field's, empty if it is about the whole form."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Form:
    """Values by field and faults, as the field macros read them."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def value(self, name: str) -> str:
        """Return a field's first value, empty if it has none."""
        return next(iter(self.values.get(name, ())), "")

    def has(self, name: str, value: str) -> bool:
        """Tell whether a choice was made."""
        return value in self.values.get(name, ())

    def fault(self, name: str) -> str:
        """Return what is wrong with a field, empty if nothing is."""
        return next((fault.text for fault in self.faults if fault.name == name), "")


def filled(values: Mapping[str, str | Iterable[str]]) -> Form:
    """Return a form that shows these values, nothing wrong."""
    return Form(
        {
            name: (value,) if isinstance(value, str) else tuple(value)
            for name, value in values.items()
        }
    )


def typed(visit: Visit, faults: Iterable[Fault] = ()) -> Form:
    """Return the form as it was sent, but for passwords, with what is wrong with it."""
    names = {name for name, value in visit.form.multi_items() if isinstance(value, str)}
    return Form(
        {name: tuple(visit.fields(name)) for name in names - _NEVER_SHOWN_AGAIN},
        tuple(faults),
    )


def refused(visit: Visit, error: GatewayError) -> Form:
    """Return the form as it was sent, with the refusal at the fields that it names.

    `/link_domains/3` counts as `link_domains`; a refusal that names none is about the form.
    """
    say = visit.t.say
    faults = [
        Fault(problem.pointer.strip("/").partition("/")[0], say(problem.message))
        for problem in error.problems
    ]
    return typed(visit, faults or [Fault("", say(error.detail))])
