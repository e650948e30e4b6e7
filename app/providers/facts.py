"""What rules may know of a provider and of a surface, from one version of the register."""

from app.domain.facts import ProviderFacts, SurfaceFacts, Unknown
from app.errors import NotFound, Words
from app.providers.register import RegisterSnapshot


def provider_facts(register: RegisterSnapshot, provider_id: str) -> ProviderFacts:
    """Return what rules may know of a provider; NotFound for one that is not registered."""
    facts = register.provider_facts(provider_id)
    if facts is None:
        raise NotFound(Words("没有这个服务提供者", "No such provider"))
    return facts


def surface_facts(
    register: RegisterSnapshot, surface_id: str, provider_id: str
) -> SurfaceFacts | Unknown:
    """Return what rules may know of a surface, for a push of this provider."""
    surface = register.surface(surface_id)
    if surface is None:
        return Unknown("the surface is not registered", outage=False)
    return SurfaceFacts(
        id=surface.id,
        name=surface.name,
        granted=register.may_push(provider_id, surface_id),
        time_zone=surface.time_zone,
        complaint_contact=surface.complaint_contact,
        app_category=surface.app_category,
        channel=surface.channel.value,
        form=surface.form.value,
        elderly_mode=surface.elderly_mode,
        for_minors=surface.for_minors,
    )
