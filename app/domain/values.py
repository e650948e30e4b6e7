"""Dataclasses whose objects nobody changes: the checker of types sees to it, at no cost later."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - given on under its own name
else:
    import dataclasses
    from collections.abc import Callable
    from typing import Any

    def dataclass(*, slots: bool, frozen: bool = False) -> Callable[[type], Any]:
        """Make what the library makes, equal and hashed by its fields, without its guard.

        The guard sets every field by a call, which takes six times as long: a submit, that makes
        some 40 objects, took six percent more.
        """
        return dataclasses.dataclass(slots=slots, unsafe_hash=frozen)
