"""The person at the desk as the review rules see one: ties, role, and what they passed on."""

from app.console.session import Visit
from app.review.states import Reviewer
from app.staff.roles import Role


async def reviewer_of(visit: Visit) -> Reviewer:
    """Return who asks; tied by a declared interest or as the holder of a sender that stands."""
    member = visit.member
    register = await visit.services.register.current()
    declared = await visit.services.staff.ties(member.id)
    tied = {tie.provider_id for tie in declared if tie.ended_at is None}
    held = {
        sender.provider_id
        for sender in register.senders.values()
        if sender.holder_staff_id == member.id and sender.revoked_at is None
    }
    passed = await visit.services.review.passed_by(member.id)
    return Reviewer(member.id, frozenset(tied | held), Role.LEAD in member.roles, passed)
