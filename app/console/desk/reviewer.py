"""The person at the desk as the review rules see one: ties, role, and what they passed on."""

from app.console.session import Visit
from app.db.session import Tx
from app.providers.register import RegisterSnapshot
from app.review.pass_repository import passed_by
from app.review.states import Reviewer
from app.staff.repository import ties
from app.staff.roles import Role, StaffMember


async def reviewer_of(visit: Visit) -> Reviewer:
    """Return who asks; tied by a declared interest or as the holder of a sender that stands."""
    member, register = visit.member, await visit.services.register.current()
    return await visit.services.db.read(lambda tx: reviewer_in(tx, member, register))


def reviewer_in(tx: Tx, member: StaffMember, register: RegisterSnapshot) -> Reviewer:
    """Return the same of somebody as the transaction sees it."""
    tied = {tie.provider_id for tie in ties(tx, member.id) if tie.ended_at is None}
    held = {
        sender.provider_id
        for sender in register.senders.values()
        if sender.holder_staff_id == member.id and sender.revoked_at is None
    }
    passed = passed_by(tx, member.id)
    return Reviewer(member.id, frozenset(tied | held), Role.LEAD in member.roles, passed)
