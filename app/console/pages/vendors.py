"""Phone vendors' quotas: the dated data, how they stand today, and whose users a surface has."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.clock import beijing_day
from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.delivery.vendor_data import vendor_rules
from app.delivery.vendors import VendorDay, Vendors
from app.domain.vendor_quotas import REST, AppClass, Vendor, VendorRule, VendorUsers
from app.errors import Invalid, NotFound, Words
from app.policy.sentences import time_of_day
from app.providers.register import Surface

pages = Pages()

LIST: Final = "/console/policy/vendors"
_FORM: Final = "/console/surfaces/{surface_id}/vendors"
_DIGITS: Final = 10
# What most apps are comes first.
_CLASSES: Final = (AppClass.OTHER.value, AppClass.NEWS.value)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A vendor's rule, its hours as a clock shows them, and whether it holds today."""

    rule: VendorRule
    hours: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class VendorsView:
    """How quotas stand today on each surface, those whose vendors nobody entered, and the data."""

    today: date
    days: tuple[tuple[str, VendorDay], ...]
    others: tuple[tuple[str, str], ...]
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True)
class UsersView:
    """The form of a surface: a number and a class for each vendor."""

    surface: Surface
    form: Form
    vendors: tuple[str, ...]
    rest: str
    classes: tuple[tuple[str, str], ...]


@pages.get(LIST, Permission.POLICY_READ)
async def vendors(visit: Visit) -> Response:
    """Show the quotas and how they stand."""
    today = beijing_day(visit.now())
    surfaces = (await visit.services.register.current()).surfaces
    days = await Vendors(visit.services.db, visit.services.clock).today()
    known = {one.surface_id for one in days}
    view = VendorsView(
        today=today,
        days=tuple((surfaces[one.surface_id].name, one) for one in days),
        others=tuple((one.id, one.name) for one in surfaces.values() if one.id not in known),
        rules=tuple(
            RuleLine(
                rule, f"{time_of_day(rule.starts)}–{time_of_day(rule.ends)}",
                rule.is_in_force(today),
            )
            for rule in vendor_rules()
        ),
    )  # fmt: skip
    return await render(visit, "policy/vendors.html", view)


@pages.get(_FORM, Permission.PROVIDER_WRITE)
async def ask_users(visit: Visit) -> Response:
    """Show what is known of a surface's vendors."""
    known = await Vendors(visit.services.db, visit.services.clock).users(visit.path("surface_id"))
    values = {f"users_{one.vendor}": str(one.users) for one in known}
    values |= {f"class_{one.vendor}": one.app_class.value for one in known}
    return await _ask(visit, filled(values))


@pages.post(_FORM, Permission.PROVIDER_WRITE)
async def save_users(visit: Visit) -> Response:
    """Replace what is known of a surface's vendors."""
    surface = await _surface(visit)
    users, faults = [], []
    for vendor in (*Vendor, REST):
        text = visit.field(f"users_{vendor}").strip() or "0"
        if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
            faults.append(Fault(f"users_{vendor}", visit.t("policy.fault.number")))
            continue
        news = visit.field(f"class_{vendor}") == AppClass.NEWS
        users.append(VendorUsers(vendor, int(text), AppClass.NEWS if news else AppClass.OTHER))
    if faults:
        return await _ask(visit, typed(visit, faults), HTTPStatus.UNPROCESSABLE_ENTITY)
    service = Vendors(visit.services.db, visit.services.clock)
    try:
        await service.set_users(visit.actor, surface.id, users)
    except Invalid as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    return redirect(visit, LIST, Flash("vendors.saved"))


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    view = UsersView(
        surface=await _surface(visit),
        form=form,
        vendors=tuple(Vendor),
        rest=REST,
        classes=tuple((one, visit.t(f"vendors.class.{one}")) for one in _CLASSES),
    )
    return await render(visit, "policy/vendor_users.html", view, status=status)


async def _surface(visit: Visit) -> Surface:
    found = (await visit.services.register.current()).surface(visit.path("surface_id"))
    if found is None:
        raise NotFound(Words("没有这个展示端", "There is no such surface"))
    return found
