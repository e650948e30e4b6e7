"""Reading and writing what is on file about providers, and the advertisers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Row, select

from app.db.session import Tx
from app.domain.registers import (
    AdClass,
    Agreement,
    AlgorithmFiling,
    Approval,
    ConsentBasis,
    Paper,
    PolicyDocument,
)
from app.providers.filed import Advertiser, FiledPaper, RegisteredApproval
from app.providers.models import advertiser_approvals, advertisers, provider_papers

_TYPES: Final[dict[str, type[Paper]]] = {
    "policy": PolicyDocument,
    "algorithm": AlgorithmFiling,
    "agreement": Agreement,
    "consent": ConsentBasis,
}
_KINDS: Final = {one: kind for kind, one in _TYPES.items()}
_ADAPTERS: Final[dict[str, TypeAdapter[Paper]]] = {
    kind: TypeAdapter(one) for kind, one in _TYPES.items()
}
_DETAILS: Final = "name address contact documents checked_on valid_to"


def paper_kind(paper: Paper) -> str:
    """Return the kind under which a paper is stored."""
    return _KINDS[type(paper)]


def paper_body(paper: Paper) -> dict[str, object]:
    """Return a paper as JSON values, as it is stored and recorded."""
    body: dict[str, object] = orjson.loads(orjson.dumps(paper))
    return body


def load_papers(tx: Tx) -> list[FiledPaper]:
    """Read every paper, revoked ones included, oldest first."""
    rows = tx.execute(select(provider_papers).order_by(provider_papers.c.id))
    return [_paper(row) for row in rows]


def standing_papers(tx: Tx, provider_id: str) -> list[FiledPaper]:
    """Return the provider's papers that were not revoked."""
    rows = tx.execute(
        select(provider_papers)
        .where(provider_papers.c.provider_id == provider_id, provider_papers.c.revoked_at.is_(None))
        .order_by(provider_papers.c.id)
    )
    return [_paper(row) for row in rows]


def paper_by_id(tx: Tx, paper_id: str) -> FiledPaper | None:
    """Return a paper, locked."""
    query = select(provider_papers).where(provider_papers.c.id == paper_id).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else _paper(row)


def insert_paper(tx: Tx, entry: FiledPaper) -> None:
    """Store a paper."""
    tx.execute(
        provider_papers.insert().values(
            id=entry.id,
            provider_id=entry.provider_id,
            kind=paper_kind(entry.paper),
            body=paper_body(entry.paper),
            created_at=entry.created_at,
        )
    )


def revoke_paper(tx: Tx, paper_id: str, at: datetime) -> None:
    """Mark a paper as no longer counting."""
    table = provider_papers
    tx.execute(table.update().where(table.c.id == paper_id).values(revoked_at=at))


def load_advertisers(tx: Tx) -> list[Advertiser]:
    """Read every advertiser with its approvals, struck and revoked ones included."""
    approvals: dict[str, list[RegisteredApproval]] = {}
    for row in tx.execute(select(advertiser_approvals).order_by(advertiser_approvals.c.id)):
        approvals.setdefault(row.advertiser_id, []).append(_approval(row))
    rows = tx.execute(select(advertisers).order_by(advertisers.c.id))
    return [_advertiser(row, approvals.get(row.id, [])) for row in rows]


def advertiser_by_id(tx: Tx, advertiser_id: str) -> Advertiser | None:
    """Return an advertiser without its approvals, locked."""
    query = select(advertisers).where(advertisers.c.id == advertiser_id).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else _advertiser(row, [])


def advertiser_by_code(tx: Tx, credit_code: str) -> Advertiser | None:
    """Return the advertiser with that credit code, without its approvals."""
    query = select(advertisers).where(advertisers.c.credit_code == credit_code)
    row = tx.execute(query).one_or_none()
    return None if row is None else _advertiser(row, [])


def insert_advertiser(tx: Tx, entry: Advertiser) -> None:
    """Store a new advertiser."""
    names = f"id credit_code created_at {_DETAILS}".split()
    tx.execute(advertisers.insert().values({name: getattr(entry, name) for name in names}))


def update_advertiser(tx: Tx, advertiser_id: str, values: Mapping[str, object]) -> None:
    """Set columns of an advertiser."""
    tx.execute(advertisers.update().where(advertisers.c.id == advertiser_id).values(**values))


def approval_by_id(tx: Tx, approval_id: str) -> RegisteredApproval | None:
    """Return an approval, locked."""
    table = advertiser_approvals
    row = tx.execute(select(table).where(table.c.id == approval_id).with_for_update()).one_or_none()
    return None if row is None else _approval(row)


def insert_approval(tx: Tx, entry: RegisteredApproval) -> None:
    """Store an approval of an advertiser."""
    tx.execute(
        advertiser_approvals.insert().values(
            id=entry.id,
            advertiser_id=entry.advertiser_id,
            ad_class=entry.approval.ad_class.value,
            number=entry.approval.number,
            valid_to=entry.approval.valid_to,
            created_at=entry.created_at,
        )
    )


def revoke_approval(tx: Tx, approval_id: str, at: datetime) -> None:
    """Mark an approval as no longer counting."""
    table = advertiser_approvals
    tx.execute(table.update().where(table.c.id == approval_id).values(revoked_at=at))


def _paper(row: Row[Any]) -> FiledPaper:
    paper = _ADAPTERS[row.kind].validate_python(row.body)
    return FiledPaper(row.id, row.provider_id, paper, row.created_at, row.revoked_at)


def _approval(row: Row[Any]) -> RegisteredApproval:
    approval = Approval(AdClass(row.ad_class), row.number, row.valid_to)
    return RegisteredApproval(row.id, row.advertiser_id, approval, row.created_at, row.revoked_at)


def _advertiser(row: Row[Any], approvals: list[RegisteredApproval]) -> Advertiser:
    return Advertiser(
        id=row.id,
        name=row.name,
        credit_code=row.credit_code,
        address=row.address,
        contact=row.contact,
        documents=row.documents,
        checked_on=row.checked_on,
        valid_to=row.valid_to,
        approvals=tuple(approvals),
        created_at=row.created_at,
        struck_at=row.struck_at,
    )
