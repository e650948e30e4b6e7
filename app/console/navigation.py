"""The console's menu: which pages there are, in which group, and who sees them."""

from dataclasses import dataclass
from typing import Final

from app.console.permissions import Permission


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the menu; its words are `nav.<key>`, its icon is named in macros/icons.html."""

    key: str
    path: str
    icon: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together; its words are `nav.group.<key>`."""

    key: str
    items: tuple[Item, ...]


MENU: Final = (
    Group(
        "desk",
        (
            Item("home", "/console", "home", Permission.HOME),
            Item("queue", "/console/queue", "inbox", Permission.QUEUE_READ),
            Item("day", "/console/day", "clock", Permission.TICKET_RULE),
            Item("past", "/console/past", "search", Permission.QUEUE_READ),
            Item("board", "/console/board", "chart", Permission.BOARD_READ),
            Item("rechecks", "/console/rechecks", "check", Permission.TICKET_RULE),
            Item("pushes", "/console/pushes", "bell", Permission.PUSH_READ),
            Item("complaints", "/console/complaints", "flag", Permission.COMPLAINT_READ),
            Item("dead_letters", "/console/dead-letters", "bounce", Permission.DEAD_LETTER_READ),
        ),
    ),
    Group(
        "manage",
        (
            Item("providers", "/console/providers", "building", Permission.PROVIDER_READ),
            Item("advertisers", "/console/advertisers", "key", Permission.PROVIDER_READ),
            Item("sources", "/console/sources", "newspaper", Permission.SOURCES_READ),
            Item("words", "/console/words", "book", Permission.WORDS_READ),
            Item("packs", "/console/packs", "layers", Permission.WORDS_READ),
            Item("own_rules", "/console/own-rules", "scale", Permission.OWN_RULES_READ),
            Item("playground", "/console/playground", "code", Permission.OWN_RULES_READ),
            Item("policy", "/console/policy", "sliders", Permission.POLICY_READ),
            Item("quality", "/console/quality", "scale", Permission.QUALITY_READ),
            Item("usage", "/console/usage", "chart", Permission.USAGE_READ),
            Item("switches", "/console/switches", "stop", Permission.SWITCH_READ),
            Item("staff", "/console/staff", "people", Permission.STAFF_READ),
        ),
    ),
    Group(
        "record",
        (
            Item("audit", "/console/audit", "shield", Permission.AUDIT_READ),
            Item("rules", "/rules", "scale", Permission.ANYBODY),
            Item("docs", "/docs", "code", Permission.ANYBODY),
            Item("about", "/console/about", "info", Permission.SYSTEM),
        ),
    ),
)
"""Every line of the menu, in its order."""
