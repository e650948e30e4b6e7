"""Papers of providers and advertisers with their place in the register."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from app.domain.registers import (
    AdvertiserFacts,
    Agreement,
    AlgorithmFiling,
    Approval,
    ConsentBasis,
    OnFile,
    Paper,
    PolicyDocument,
)


@dataclass(frozen=True, slots=True)
class FiledPaper:
    """A paper of a provider with its place in the register; a revoked one is kept."""

    id: str
    provider_id: str
    paper: Paper
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class RegisteredApproval:
    """An approval of an advertiser with its place in the register; a revoked one is kept."""

    id: str
    advertiser_id: str
    approval: Approval
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Advertiser:
    """An advertiser whose documents were checked; one that was struck off no longer counts."""

    id: str
    name: str
    credit_code: str
    address: str
    contact: str
    documents: str
    checked_on: date
    valid_to: date
    approvals: tuple[RegisteredApproval, ...]
    created_at: datetime
    struck_at: datetime | None


def gathered(papers: Iterable[FiledPaper]) -> OnFile:
    """Return the papers of one provider by kind, without those that were revoked."""
    standing = [one.paper for one in papers if one.revoked_at is None]
    return OnFile(
        policies=tuple(one for one in standing if isinstance(one, PolicyDocument)),
        algorithms=tuple(one for one in standing if isinstance(one, AlgorithmFiling)),
        agreements=tuple(one for one in standing if isinstance(one, Agreement)),
        consents=tuple(one for one in standing if isinstance(one, ConsentBasis)),
    )


def checked(one: Advertiser) -> AdvertiserFacts:
    """Return what rules may know of an advertiser."""
    return AdvertiserFacts(
        name=one.name,
        credit_code=one.credit_code,
        documents=one.documents,
        checked_on=one.checked_on,
        valid_to=one.valid_to,
        approvals=tuple(entry.approval for entry in one.approvals if entry.revoked_at is None),
    )
