"""The composition root: settings in, every collaborator of a process out."""

from dataclasses import dataclass
from enum import StrEnum

from app.audit.checking import LedgerChecks
from app.audit.sealer import Sealer
from app.audit.sinks import FileSink
from app.clock import Clock, SystemClock
from app.complaints.service import Complaints
from app.db.session import Database
from app.db.versions import VersionWatch
from app.delivery.attempts import Attempts
from app.delivery.channels.inbox import InboxChannel
from app.delivery.channels.webhook import WebhookChannel
from app.delivery.dead_letters import DeadLetters
from app.delivery.dispatcher import Dispatcher
from app.delivery.explaining import Explaining
from app.delivery.inbox import Inbox
from app.delivery.recount import OutboxSlots
from app.delivery.seats import Seats
from app.egress.guard import Guard
from app.egress.signed_post import SignedPost
from app.egress.trail import TrailFollower
from app.frequency.ledger import CapLedger
from app.frequency.redis_store import RedisFrequencyStore, connect
from app.ids import new_id
from app.inspection.reading import PictureReader
from app.loops import Loops
from app.packs.authoring import Authoring
from app.packs.operator_rules import OperatorRules
from app.packs.publishing import Publishing
from app.packs.service import Packs
from app.policy.service import Policies
from app.providers.advertisers import Advertisers
from app.providers.enrolment import Enrolment
from app.providers.keys import SenderKeys
from app.providers.papers import Papers
from app.providers.repository import holds_key
from app.providers.service import Register
from app.providers.surfaces import Surfaces
from app.providers.writer import RegisterWriter
from app.pushes.cap_warnings import CapWarnings
from app.pushes.changes import Changes
from app.pushes.facts import Gatherer, Looking
from app.pushes.history import History
from app.pushes.late import LinkTrails, PictureTexts
from app.pushes.releaser import Releaser
from app.pushes.rulings import Rulings
from app.pushes.service import Pushes
from app.pushes.trials import Trials
from app.pushes.views import Views
from app.ratelimit import RateLimiter
from app.recipients.service import Recipients
from app.reports.what_if import WhatIf
from app.review.service import Review
from app.screening.lexicon import Lexicon
from app.screening.screener import Screener
from app.settings import Mode, Settings
from app.shipped import shipped_folder
from app.signing.keyring import Keyring
from app.staff.passwords import Passwords
from app.staff.second_factor import SecondFactors
from app.staff.service import Staff
from app.staff.sign_in import SignIn
from app.webhooks.service import OutcomeWebhooks

DEVICE_RATE = 240
"""Calls a minute that one recipient's client may make; it needs a few."""


class Part(StrEnum):
    """What one process does: answer requests, decide and send, seal the ledger."""

    SERVE = "serve"
    DISPATCH = "dispatch"
    SEAL = "seal"


@dataclass(frozen=True, slots=True)
class Services:
    """Every long-lived collaborator of a process."""

    settings: Settings
    clock: Clock
    db: Database
    watch: VersionWatch
    keyring: Keyring
    counters: RedisFrequencyStore
    limiter: RateLimiter
    public_limiter: RateLimiter
    device_limiter: RateLimiter
    seats: Seats
    post: SignedPost
    screener: Screener
    register: Register
    enrolment: Enrolment
    papers: Papers
    advertisers: Advertisers
    surfaces: Surfaces
    sender_keys: SenderKeys
    staff: Staff
    sign_in: SignIn
    second_factors: SecondFactors
    recipients: Recipients
    complaints: Complaints
    packs: Packs
    authoring: Authoring
    publishing: Publishing
    operator_rules: OperatorRules
    trials: Trials
    policies: Policies
    what_if: WhatIf
    review: Review
    history: History
    pushes: Pushes
    views: Views
    rulings: Rulings
    releaser: Releaser
    cap_warnings: CapWarnings
    picture_texts: PictureTexts
    link_trails: LinkTrails
    dispatcher: Dispatcher
    inbox: Inbox
    dead_letters: DeadLetters
    explaining: Explaining
    outcome_webhooks: OutcomeWebhooks
    sealer: Sealer
    ledger_checks: LedgerChecks
    loops: Loops


def load_screener(settings: Settings) -> Screener:
    """Compile the shipped word lists and the operator's; WordListError refuses to start."""
    folders = [shipped_folder("wordlists")]
    if settings.word_lists_dir is not None:
        folders.append(settings.word_lists_dir)
    return Screener.load(Lexicon.load(folders))


def build(
    settings: Settings,
    counters_url: str,
    screener: Screener | None = None,
    clock: Clock | None = None,
) -> Services:
    """Build everything for one event loop; nothing is connected or read yet.

    `counters_url` is the embedded Valkey's if settings name none. A `screener` saves a second.
    """
    clock = clock or SystemClock()
    screener = screener or load_screener(settings)
    db = Database(settings.database)
    watch = VersionWatch(db, clock)
    keyring = Keyring.load_or_create(settings.keys, clock)
    writer = RegisterWriter(db, watch, clock)
    register = Register(db, watch, clock)
    plain_http = settings.mode is Mode.DEMO
    passwords = Passwords()
    packs = Packs(db, watch, clock, screener)
    operator_rules = OperatorRules(db, watch, clock)
    authoring = Authoring(db, clock, packs.loader)
    policies = Policies(db, watch, clock)
    staff = Staff(db, clock, passwords, holds_key)
    review = Review(db, clock, settings.claim_seconds, staff.untied_leads)
    history = History(db, clock)
    looking = Looking(pictures=settings.ocr, links=settings.follow_links)
    gatherer = Gatherer(packs, operator_rules, policies, register, history, looking)
    changes = Changes(register.tells, history)
    counters = connect(counters_url, clock, cluster=settings.redis_cluster)
    post = SignedPost(clock, Guard(settings.webhook_networks), settings.webhook_timeout_seconds)
    owner = new_id("dsp")
    attempts = Attempts(
        db=db, clock=clock, watch=watch, keyring=keyring, store=counters, owner=owner
    )
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        watch=watch,
        keyring=keyring,
        counters=counters,
        limiter=RateLimiter(clock, "sender", settings.rate_per_minute),
        public_limiter=RateLimiter(clock, "address", settings.public_rate_per_minute),
        device_limiter=RateLimiter(clock, "device", DEVICE_RATE),
        seats=Seats(),
        post=post,
        screener=screener,
        register=register,
        enrolment=Enrolment(writer, plain_http=plain_http),
        papers=Papers(writer, plain_http=plain_http),
        advertisers=Advertisers(writer),
        surfaces=Surfaces(writer, plain_http=plain_http),
        sender_keys=SenderKeys(writer),
        staff=staff,
        sign_in=SignIn(db, clock, passwords, settings),
        second_factors=SecondFactors(db, clock, settings),
        recipients=Recipients(db, clock, register),
        complaints=Complaints(db, clock),
        packs=packs,
        authoring=authoring,
        publishing=Publishing(db, clock),
        operator_rules=operator_rules,
        trials=Trials(db, clock, packs, authoring),
        policies=policies,
        what_if=WhatIf(db, clock, register, settings.database),
        review=review,
        history=history,
        pushes=Pushes(db, clock, gatherer, review, changes),
        views=Views(db, review),
        rulings=Rulings(db, clock, changes, settings.undo_seconds, staff.is_tied_in),
        picture_texts=PictureTexts(db, clock, PictureReader()),
        link_trails=LinkTrails(db, clock, TrailFollower(Guard(settings.follow_networks))),
        releaser=Releaser(
            db=db, clock=clock, watch=watch, gatherer=gatherer, policies=policies,
            changes=changes, keyring=keyring, public_url=settings.public_url,
        ),
        cap_warnings=CapWarnings(db, clock, register.tells),
        dispatcher=Dispatcher(
            db=db, clock=clock, policies=policies, register=register,
            ledger=CapLedger(db, clock, counters, OutboxSlots(db)),
            attempts=attempts,
            channels={"inbox": InboxChannel(db, clock), "webhook": WebhookChannel(register, post)},
            active_versions=gatherer.versions,
            owner=owner,
            lease_seconds=settings.dispatch_lease_seconds,
        ),
        inbox=Inbox(db, clock),
        dead_letters=DeadLetters(db, clock),
        explaining=Explaining(db, clock, policies, register, counters),
        outcome_webhooks=OutcomeWebhooks(db, clock, register, post),
        sealer=Sealer(db, keyring, clock, [FileSink(settings.checkpoints)], "popgate"),
        ledger_checks=LedgerChecks(db, clock, keyring, [settings.checkpoints]),
        loops=Loops(),
    )  # fmt: skip
