"""What a browser calls itself, in two words that its owner recognises."""

from typing import Final

# Each names itself after those that it wants to be taken for, so the order counts.
_BROWSERS: Final = (
    ("micromessenger/", "WeChat"),
    ("edg/", "Edge"),
    ("opr/", "Opera"),
    ("firefox/", "Firefox"),
    ("chrome/", "Chrome"),
    ("safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("harmonyos", "HarmonyOS"),
    ("android", "Android"),
    ("iphone", "iOS"),
    ("ipad", "iPadOS"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("linux", "Linux"),
)
_LONGEST: Final = 40


def program_of(agent: str) -> str:
    """Return browser and system, or the beginning of what it says; empty if it says nothing."""
    said = agent.lower()
    browser = next((name for sign, name in _BROWSERS if sign in said), "")
    system = next((name for sign, name in _SYSTEMS if sign in said), "")
    return " · ".join(part for part in (browser, system) if part) or agent[:_LONGEST]
