"""What the console needs of the composition root, so that it need not import it."""

from typing import Protocol

from app.audit.checking import LedgerChecks
from app.clock import Clock
from app.complaints.service import Complaints
from app.db.session import Database
from app.delivery.dead_letters import DeadLetters
from app.delivery.explaining import Explaining
from app.packs.authoring import Authoring
from app.packs.operator_rules import OperatorRules
from app.packs.publishing import Publishing
from app.packs.service import Packs
from app.policy.service import Policies
from app.providers.advertisers import Advertisers
from app.providers.enrolment import Enrolment
from app.providers.keys import SenderKeys
from app.providers.papers import Papers
from app.providers.service import Register
from app.providers.surfaces import Surfaces
from app.pushes.rulings import Rulings
from app.pushes.service import Pushes
from app.pushes.trials import Trials
from app.pushes.views import Views
from app.ratelimit import RateLimiter
from app.reports.what_if import WhatIf
from app.review.service import Review
from app.settings import Settings
from app.signing.keyring import Keyring
from app.staff.second_factor import SecondFactors
from app.staff.service import Staff
from app.staff.sign_in import SignIn
from app.webhooks.service import OutcomeWebhooks


class ConsoleServices(Protocol):
    """The collaborators that pages call; every one is read-only here."""

    @property
    def settings(self) -> Settings:
        """All settings."""
        ...

    @property
    def clock(self) -> Clock:
        """Where the time comes from."""
        ...

    @property
    def db(self) -> Database:
        """The database, for reading the ledger."""
        ...

    @property
    def ledger_checks(self) -> LedgerChecks:
        """Checks of the whole ledger, one at a time."""
        ...

    @property
    def keyring(self) -> Keyring:
        """The signing keys."""
        ...

    @property
    def register(self) -> Register:
        """The register as everybody asks it."""
        ...

    @property
    def enrolment(self) -> Enrolment:
        """Changes to providers and licences."""
        ...

    @property
    def papers(self) -> Papers:
        """What is on file of providers."""
        ...

    @property
    def advertisers(self) -> Advertisers:
        """The register of advertisers."""
        ...

    @property
    def surfaces(self) -> Surfaces:
        """Changes to surfaces."""
        ...

    @property
    def sender_keys(self) -> SenderKeys:
        """Senders and their keys."""
        ...

    @property
    def staff(self) -> Staff:
        """The people."""
        ...

    @property
    def sign_in(self) -> SignIn:
        """Passwords and sessions."""
        ...

    @property
    def second_factors(self) -> SecondFactors:
        """Codes of the second factor."""
        ...

    @property
    def complaints(self) -> Complaints:
        """The complaints."""
        ...

    @property
    def packs(self) -> Packs:
        """Source lists and the rule pack."""
        ...

    @property
    def authoring(self) -> Authoring:
        """Drafts of the rule pack."""
        ...

    @property
    def publishing(self) -> Publishing:
        """Rule packs on their way into force."""
        ...

    @property
    def operator_rules(self) -> OperatorRules:
        """The operator's own rules."""
        ...

    @property
    def trials(self) -> Trials:
        """Rule packs tried on stored pushes."""
        ...

    @property
    def policies(self) -> Policies:
        """Caps and kill switches."""
        ...

    @property
    def what_if(self) -> WhatIf:
        """What policies would have stopped."""
        ...

    @property
    def explaining(self) -> Explaining:
        """How the caps stand for a recipient."""
        ...

    @property
    def review(self) -> Review:
        """The review queue."""
        ...

    @property
    def pushes(self) -> Pushes:
        """Commands on pushes."""
        ...

    @property
    def views(self) -> Views:
        """Questions about pushes."""
        ...

    @property
    def rulings(self) -> Rulings:
        """Giving and undoing rulings."""
        ...

    @property
    def dead_letters(self) -> DeadLetters:
        """Batches that were given up."""
        ...

    @property
    def outcome_webhooks(self) -> OutcomeWebhooks:
        """What senders are told."""
        ...

    @property
    def public_limiter(self) -> RateLimiter:
        """Counts the requests of the public pages, by address."""
        ...
