"""All pages of the console, in one router and one list."""

from typing import Final

from fastapi import APIRouter

from app.console import assets
from app.console.pages import (
    about,
    account,
    advertisers,
    audit,
    board,
    cap_exemptions,
    complaints,
    dead_letters,
    docs,
    home,
    licences,
    missing,
    own_rules,
    pack_entries,
    packs,
    pairs,
    papers,
    parity,
    past,
    playground,
    policy,
    policy_edit,
    policy_whatif,
    preview,
    providers,
    public,
    pushes,
    queue,
    recipient_caps,
    rules,
    ruling,
    samples,
    saved_views,
    second_factor,
    senders,
    sign_in,
    sources,
    staff,
    surfaces,
    switches,
    term,
    term_files,
    ticket,
    topics,
    trials,
    usage,
    vendors,
    words,
)
from app.console.routing import Page, Pages

AREAS: Final[tuple[Pages, ...]] = (
    sign_in.pages,
    account.pages,
    second_factor.pages,
    home.pages,
    queue.pages,
    past.pages,
    saved_views.pages,
    board.pages,
    ticket.pages,
    ruling.pages,
    preview.pages,
    pushes.pages,
    complaints.pages,
    dead_letters.pages,
    staff.pages,
    providers.pages,
    licences.pages,
    papers.pages,
    advertisers.pages,
    surfaces.pages,
    senders.pages,
    sources.pages,
    term.pages,
    term_files.pages,
    words.pages,
    pack_entries.pages,
    samples.pages,
    packs.pages,
    own_rules.pages,
    playground.pages,
    trials.pages,
    recipient_caps.pages,
    topics.pages,
    cap_exemptions.pages,
    pairs.pages,
    parity.pages,
    vendors.pages,
    policy_edit.pages,
    policy_whatif.pages,
    policy.pages,
    usage.pages,
    switches.pages,
    audit.pages,
    rules.pages,
    docs.pages,
    about.pages,
    missing.pages,  # last: it answers every address under /console
)

PAGES: Final[tuple[Page, ...]] = tuple(page for area in AREAS for page in area.declared)
"""Every page that there is, with the permission that it needs."""

router = APIRouter(include_in_schema=False)
router.include_router(assets.router)
router.include_router(public.router)
for _area in AREAS:
    router.include_router(_area.router)
