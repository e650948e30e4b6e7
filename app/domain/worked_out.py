"""What is worked out of an immutable object, once for as long as the object is in use."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

Of = TypeVar("Of")
Found = TypeVar("Found")

MOST_KEPT: Final = 64


class WorkedOut(Generic[Of, Found]):
    """A pure function of an object that many pushes share: a provider's papers, a pack's numbers.

    It knows the object itself, not what it equals, so that asking costs no comparison. A few
    objects are kept with what was found, so that none of them can be mistaken for a new one.
    """

    def __init__(self, find: Callable[[Of], Found]) -> None:
        """Use it as a decorator; `find` must return the same for the same object, always."""
        self._find = find
        self.__doc__ = find.__doc__
        self._kept: dict[int, tuple[Of, Found]] = {}

    def __call__(self, of: Of) -> Found:
        """Return what `find` returns."""
        known = self._kept.get(id(of))
        if known is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            known = self._kept[id(of)] = (of, self._find(of))
        return known[1]
