"""Every table of the gateway, gathered for the migrations."""

from app.audit import models as audit
from app.complaints import models as complaints
from app.db import versions
from app.db.base import metadata
from app.delivery import models as delivery
from app.frequency import models as frequency
from app.packs import models as packs
from app.policy import models as policy
from app.providers import models as providers
from app.pushes import models as pushes
from app.recipients import models as recipients
from app.reports import models as reports
from app.review import models as review
from app.staff import models as staff
from app.webhooks import models as webhooks

__all__ = [
    "audit",
    "complaints",
    "delivery",
    "frequency",
    "metadata",
    "packs",
    "policy",
    "providers",
    "pushes",
    "recipients",
    "reports",
    "review",
    "staff",
    "versions",
    "webhooks",
]
