"""What the ledger records: the closed set of kinds, the actors and the entry."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from app.domain.canonical import canonical_bytes
from app.domain.values import dataclass


class ActorKind(StrEnum):
    """Who can do something that the ledger records."""

    STAFF = "staff"
    SENDER = "sender"
    RECIPIENT = "recipient"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: `id` is a staff, sender or recipient id, or the name of a part of the gateway."""

    kind: ActorKind
    id: str


ANONYMOUS: Final = Actor(ActorKind.ANONYMOUS, "")
"""Somebody without a sign-in: a complaint on the public page, a failed sign-in."""


def system(part: str) -> Actor:
    """Return the actor for a part of the gateway that acts by itself, `releaser` for instance."""
    return Actor(ActorKind.SYSTEM, part)


class AuditKind(StrEnum):
    """What happened. A kind is never renamed: entries of years ago still carry it."""

    PUSH_SUBMITTED = "push_submitted"
    PUSH_BLOCKED = "push_blocked"
    STATE_CHANGED = "state_changed"
    DECISION_MADE = "decision_made"
    TICKET_CLAIMED = "ticket_claimed"
    TICKET_RETURNED = "ticket_returned"
    TICKET_ESCALATED = "ticket_escalated"
    TICKET_SKIPPED = "ticket_skipped"
    TICKET_RECUSED = "ticket_recused"
    RULING_GIVEN = "ruling_given"
    RULING_SEALED = "ruling_sealed"
    RULING_VOIDED = "ruling_voided"
    RULING_UNDONE = "ruling_undone"
    RULING_REJECTED = "ruling_rejected"
    REVIEW_EXPORTED = "review_exported"
    SAVED_VIEW_CHANGED = "saved_view_changed"
    RECHECK_DONE = "recheck_done"
    RELEASE = "release"
    WITHDRAWAL = "withdrawal"
    RECALL = "recall"
    PICTURE_READ = "picture_read"
    LINK_FOLLOWED = "link_followed"
    ATTEMPT_STARTED = "attempt_started"
    ATTEMPT_ENDED = "attempt_ended"
    DEAD_LETTER = "dead_letter"
    DEAD_LETTER_REPLAYED = "dead_letter_replayed"
    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of entry
    SECOND_FACTOR_ASKED = "second_factor_asked"
    SECOND_FACTOR_SET = "second_factor_set"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    KEY_ISSUED = "key_issued"
    KEY_REVOKED = "key_revoked"
    PROVIDER_ADDED = "provider_added"
    PROVIDER_CHANGED = "provider_changed"
    SENDER_ADDED = "sender_added"
    SENDER_CHANGED = "sender_changed"
    SURFACE_ADDED = "surface_added"
    SURFACE_CHANGED = "surface_changed"
    LICENCE_ADDED = "licence_added"
    LICENCE_CHANGED = "licence_changed"
    PAPER_FILED = "paper_filed"
    PAPER_REVOKED = "paper_revoked"
    ADVERTISER_ADDED = "advertiser_added"
    ADVERTISER_CHANGED = "advertiser_changed"
    APPROVAL_ADDED = "approval_added"
    APPROVAL_REVOKED = "approval_revoked"
    WEBHOOK_CHANGED = "webhook_changed"
    SOURCE_LIST_IMPORTED = "source_list_imported"
    SOURCE_LIST_PUBLISHED = "source_list_published"
    SOURCE_UNIT_CONFIRMED = "source_unit_confirmed"
    WORD_LISTS_LOADED = "word_lists_loaded"
    RULE_PACK_BEGUN = "rule_pack_begun"
    RULE_PACK_EDITED = "rule_pack_edited"
    RULE_PACK_PROPOSED = "rule_pack_proposed"
    RULE_PACK_STAGED = "rule_pack_staged"
    RULE_PACK_RETURNED = "rule_pack_returned"
    RULE_PACK_DISCARDED = "rule_pack_discarded"
    RULE_PACK_ACTIVATED = "rule_pack_activated"
    RULE_PACK_ROLLED_BACK = "rule_pack_rolled_back"
    RULE_PACK_TRIED = "rule_pack_tried"
    WORD_LIST_EXPORTED = "word_list_exported"
    POLICY_PROPOSED = "policy_proposed"
    POLICY_PUBLISHED = "policy_published"
    POLICY_SCHEDULED = "policy_scheduled"
    POLICY_IN_FORCE = "policy_in_force"
    POLICY_WITHDRAWN = "policy_withdrawn"
    POLICY_ROLLED_BACK = "policy_rolled_back"
    POLICY_REPLAYED = "policy_replayed"
    TOPIC_PROPOSED = "topic_proposed"
    TOPIC_REGISTERED = "topic_registered"
    TOPIC_RETIRED = "topic_retired"
    CAP_EXEMPTION_PROPOSED = "cap_exemption_proposed"
    CAP_EXEMPTION_APPROVED = "cap_exemption_approved"
    CAP_EXEMPTION_ENDED = "cap_exemption_ended"
    PAIR_CLASSES_PROPOSED = "pair_classes_proposed"
    PAIR_CLASSES_PUBLISHED = "pair_classes_published"
    OPERATOR_RULES_PROPOSED = "operator_rules_proposed"
    OPERATOR_RULES_PUBLISHED = "operator_rules_published"
    EXEMPTION_PROPOSED = "exemption_proposed"
    EXEMPTION_PUBLISHED = "exemption_published"
    PROPOSAL_REJECTED = "proposal_rejected"
    KILL_SWITCH_ENGAGED = "kill_switch_engaged"
    KILL_SWITCH_LIFTED = "kill_switch_lifted"
    RECIPIENT_REGISTERED = "recipient_registered"
    RECIPIENT_CHANGED = "recipient_changed"
    REFUSAL_RECORDED = "refusal_recorded"
    REFUSAL_WITHDRAWN = "refusal_withdrawn"
    COMPLAINT_FILED = "complaint_filed"
    COMPLAINT_UPHELD = "complaint_upheld"
    COMPLAINT_DISMISSED = "complaint_dismissed"
    SIGNING_KEY_MADE = "signing_key_made"
    SIGNING_KEY_ROTATED = "signing_key_rotated"
    SETTINGS_LOADED = "settings_loaded"
    VENDOR_USERS_CHANGED = "vendor_users_changed"
    PARITY_COMPARED = "parity_compared"
    LEDGER_EXPORTED = "ledger_exported"
    LEDGER_VERIFIED = "ledger_verified"
    RECORD_VIEWED = "record_viewed"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that happened.

    `id` is `aud_…` from `new_id("aud")`, `at` an aware instant, `subject` the id of what it
    happened to, and `body` whatever `canonical_bytes` can write: no floats, no instants.
    """

    id: str
    at: datetime
    kind: AuditKind
    actor: Actor
    subject: str
    body: Mapping[str, object]


def instant_text(at: datetime) -> str:
    """Return an aware instant as UTC with exactly six decimals, the form that is hashed."""
    if at.tzinfo is None:
        raise ValueError("at: an audit entry needs an instant with a time zone")
    in_utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def canonical_body(entry: AuditEntry) -> str:
    """Return the body as canonical JSON; raise like `canonical_bytes` where it has none."""
    return canonical_bytes(dict(entry.body)).decode()
