"""What a provider's page shows of its papers."""

from app.console.texts import Texts
from app.domain.registers import (
    ASKED_OF_ALL,
    Agreement,
    AlgorithmFiling,
    ConsentBasis,
    Paper,
    PolicyDocument,
)
from app.providers.filed import FiledPaper
from app.providers.register import RegisterSnapshot

_SORTS: dict[str, type[Paper]] = {
    "policy": PolicyDocument,
    "algorithm": AlgorithmFiling,
    "agreement": Agreement,
    "consent": ConsentBasis,
}


def papers_of(register: RegisterSnapshot, provider_id: str) -> dict[str, tuple[FiledPaper, ...]]:
    """Return the papers of a provider by sort, those that count before the revoked ones."""
    own = [one for one in register.papers if one.provider_id == provider_id]
    own.sort(key=lambda one: one.revoked_at is not None)
    return {
        name: tuple(one for one in own if isinstance(one.paper, sort))
        for name, sort in _SORTS.items()
    }


def policies_missing(register: RegisterSnapshot, provider_id: str, t: Texts) -> tuple[str, ...]:
    """Return the policy documents, by name, that every provider needs and this one lacks."""
    held = {one.kind for one in register.on_file(provider_id).policies}
    return tuple(t(f"paper.policy_kind.{kind}") for kind in ASKED_OF_ALL if kind not in held)
