"""Tables of tickets and rulings."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.db.base import Instant, JsonText, metadata

tickets = Table(
    "tickets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("push_id", ForeignKey("pushes.id"), nullable=False, unique=True),
    Column("digest", String(80), nullable=False),
    # Copied from the push, which never changes: what the queue shows and who may not claim.
    Column("provider_id", String(40), nullable=False),
    Column("surface_id", String(40), nullable=False),
    Column("sender_id", String(40), nullable=False),
    Column("submitter", String(50), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("holds", JsonText, nullable=False),
    Column("state", String(20), nullable=False),
    # 0 for an emergency, 1 otherwise: an emergency goes first, and is exempt from nothing.
    Column("rank", Integer, nullable=False),
    # Until when somebody should have ruled; after it the push is late, and not yet too late.
    Column("deadline", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("claimed_by", String(40)),
    Column("lease_until", Instant),
    # Since when whoever holds it has it; a renewal changes nothing.
    Column("claimed_at", Instant),
    # Grows with every claim: a decision that carries an older number is refused.
    Column("fencing", Integer, nullable=False),
    Column("closed_at", Instant),
    # Since when it waits for a lead and nobody else.
    Column("escalated_at", Instant),
    # Who has ruled on a push that needs two; with a second it waits for an arbiter.
    Column("first_by", String(40)),
    Column("second_by", String(40)),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint(
        "second_by IS NULL OR (first_by IS NOT NULL AND second_by <> first_by)", name="two_persons"
    ),
)

# Queries write it just so: with a bound value neither database would use the index.
IS_OPEN = text("state = 'open'")
# All that a choice asks of an open ticket stands in it, so that to count a hundred thousand needs
# no look at their rows. What is longest about a row is shorter than what PostgreSQL lets in.
Index(
    "ix_tickets_queue",
    tickets.c.rank,
    tickets.c.deadline,
    tickets.c.id,
    tickets.c.kind,
    tickets.c.provider_id,
    tickets.c.sender_id,
    tickets.c.opened_at,
    tickets.c.expires_at,
    tickets.c.holds,
    tickets.c.title,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
Index(
    "ix_tickets_claims",
    tickets.c.claimed_by,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
IS_CLOSED = text("state = 'closed'")
Index(
    "ix_tickets_closed",
    tickets.c.closed_at,
    tickets.c.id,
    tickets.c.kind,
    tickets.c.provider_id,
    tickets.c.sender_id,
    tickets.c.opened_at,
    tickets.c.deadline,
    tickets.c.expires_at,
    tickets.c.holds,
    sqlite_where=IS_CLOSED,
    postgresql_where=IS_CLOSED,
)

# Title and body as a search among closed tickets finds them, noted at the first ruling or at the
# end: to submit is dear enough, and the queue reads less.
ticket_texts = Table(
    "ticket_texts",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("text", Text, nullable=False),
)

# Who passed a ticket on, once each: it is not theirs again, however it is opened later.
ticket_passes = Table(
    "ticket_passes",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("staff_id", String(40), primary_key=True),
    Column("way", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("passed_at", Instant, nullable=False),
    CheckConstraint("way IN ('skip', 'recuse', 'escalate')", name="way"),
)
Index("ix_ticket_passes_staff_id", ticket_passes.c.staff_id)

# Who has a ticket's page open: a row lasts from one heartbeat of the page to a little after.
ticket_looks = Table(
    "ticket_looks",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("staff_id", String(40), primary_key=True),
    Column("seen_at", Instant, nullable=False, index=True),
)

rulings = Table(
    "rulings",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("push_id", String(40), nullable=False, index=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("reviewer", String(50), nullable=False),
    Column("submitter", String(50), nullable=False),
    Column("clause", String(200)),
    Column("reason", Text, nullable=False),
    Column("clears", JsonText, nullable=False),
    # When the claim began that it was given under.
    Column("claimed_at", Instant),
    Column("given_at", Instant, nullable=False),
    Column("undo_until", Instant, nullable=False),
    # False once it is undone or superseded; an outbox row holds it at True. One of two that has
    # not ended and does not stand is sealed: nobody is told of it and it clears nothing.
    Column("standing", Boolean, nullable=False),
    Column("ended_at", Instant),
    # The arbiter's ruling that has decided against it.
    Column("overruled_by", String(40)),
    CheckConstraint("verdict IN ('approve', 'refuse', 'return')", name="verdict"),
    CheckConstraint("reviewer <> submitter", name="not_the_submitter"),
    # The digest and the submitter are those of the very push.
    ForeignKeyConstraint(
        ["push_id", "digest", "submitter"], ["pushes.id", "pushes.digest", "pushes.submitter"]
    ),
    UniqueConstraint(
        "id", "push_id", "digest", "verdict", "reviewer", "standing", name="uq_rulings_release"
    ),
)
# What is added up over all people stands in it.
Index(
    "ix_rulings_given_at",
    rulings.c.given_at,
    rulings.c.reviewer,
    rulings.c.verdict,
    rulings.c.claimed_at,
    rulings.c.ticket_id,
)
Index("ix_rulings_reviewer_given_at", rulings.c.reviewer, rulings.c.given_at)
Index("ix_rulings_ticket_id", rulings.c.ticket_id)

# A choice of the queue or of what is past, under a name: the query of its address.
saved_views = Table(
    "saved_views",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("staff_id", String(40), nullable=False),
    Column("page", String(10), nullable=False),
    Column("name", String(60), nullable=False),
    Column("query", Text, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    CheckConstraint("page IN ('queue', 'past')", name="page"),
    UniqueConstraint("staff_id", "page", "name", name="uq_saved_views_name"),
)

# Rulings that a second person judges afterwards without knowing them.
rechecks = Table(
    "rechecks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("ruling_id", ForeignKey("rulings.id"), nullable=False, unique=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("push_id", String(40), nullable=False),
    Column("reviewer", String(50), nullable=False),
    Column("cause", String(10), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("by_person", String(50)),
    Column("verdict", String(10)),
    Column("reason", Text),
    Column("done_at", Instant),
    CheckConstraint("cause IN ('sample', 'fast', 'streak')", name="cause"),
    CheckConstraint("verdict IN ('approve', 'refuse', 'return')", name="verdict"),
    CheckConstraint("by_person <> reviewer", name="another_person"),
    CheckConstraint(
        "(done_at IS NULL) = (by_person IS NULL) AND (done_at IS NULL) = (verdict IS NULL)"
        " AND (done_at IS NULL) = (reason IS NULL)",
        name="done",
    ),
)
_NOT_DONE = text("done_at IS NULL")
Index(
    "ix_rechecks_waiting",
    rechecks.c.opened_at,
    sqlite_where=_NOT_DONE,
    postgresql_where=_NOT_DONE,
)
Index("ix_rechecks_done_at", rechecks.c.done_at)
Index("ix_rechecks_opened_at", rechecks.c.opened_at)

# How a person wants the desk; no row is the usual.
desk_habits = Table(
    "desk_habits",
    metadata,
    Column("staff_id", String(40), primary_key=True),
    Column("blur", Boolean, nullable=False),
    Column("grey", Boolean, nullable=False),
    # Minutes at the desk, severe items a day; 0 asks for nothing.
    Column("break_after", Integer, nullable=False),
    Column("most_severe", Integer, nullable=False),
)

desk_breaks = Table(
    "desk_breaks",
    metadata,
    Column("staff_id", String(40), primary_key=True),
    Column("began_at", Instant, primary_key=True),
    Column("ended_at", Instant),
)
LASTING = text("ended_at IS NULL")
Index(
    "uq_desk_breaks_lasting",
    desk_breaks.c.staff_id,
    unique=True,
    sqlite_where=LASTING,
    postgresql_where=LASTING,
)
