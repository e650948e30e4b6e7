"""What the register keeps on file about providers and advertisers; every set is closed."""

from datetime import date
from enum import StrEnum

from app.domain.values import dataclass


class ContentClass(StrEnum):
    """Content that only a licensed or qualified provider may offer (Provisions art. 5(2))."""

    AUDIO_VIDEO = "audio_video"
    PUBLISHING = "publishing"
    DRUG_INFORMATION = "drug_information"
    MEDICAL = "medical"
    FINANCE = "finance"
    EDUCATION = "education"
    ECONOMY = "economy"
    JUSTICE = "justice"


class LicenceKind(StrEnum):
    """The licences and qualifications of providers that the register keeps."""

    INTERNET_NEWS = "internet_news"
    AUDIO_VISUAL = "audio_visual"
    ONLINE_PUBLISHING = "online_publishing"
    DRUG_INFORMATION = "drug_information"
    MEDICAL_INSTITUTION = "medical_institution"
    FINANCE = "finance"
    EDUCATION = "education"
    PROFESSIONAL = "professional"


LICENCE_FOR: dict[ContentClass, LicenceKind] = {
    ContentClass.AUDIO_VIDEO: LicenceKind.AUDIO_VISUAL,
    ContentClass.PUBLISHING: LicenceKind.ONLINE_PUBLISHING,
    ContentClass.DRUG_INFORMATION: LicenceKind.DRUG_INFORMATION,
    ContentClass.MEDICAL: LicenceKind.MEDICAL_INSTITUTION,
    ContentClass.FINANCE: LicenceKind.FINANCE,
    ContentClass.EDUCATION: LicenceKind.EDUCATION,
    ContentClass.ECONOMY: LicenceKind.PROFESSIONAL,
    ContentClass.JUSTICE: LicenceKind.PROFESSIONAL,
}
"""Which licence or qualification each class of content needs; news has a rule of its own."""


class PolicyKind(StrEnum):
    """The management systems that a provider has in writing."""

    CONTENT_REVIEW = "content_review"
    ECOLOGY = "ecology"
    NETWORK_SECURITY = "network_security"
    DATA_SECURITY = "data_security"
    PERSONAL_INFORMATION = "personal_information"
    MINORS = "minors"
    ALGORITHM_REVIEW = "algorithm_review"
    ETHICS_REVIEW = "ethics_review"
    ANTI_FRAUD = "anti_fraud"
    EMERGENCY = "emergency"
    TRAINING = "training"
    ADVERTISING = "advertising"


ASKED_OF_ALL: tuple[PolicyKind, ...] = (
    PolicyKind.CONTENT_REVIEW,
    PolicyKind.ECOLOGY,
    PolicyKind.NETWORK_SECURITY,
    PolicyKind.DATA_SECURITY,
    PolicyKind.PERSONAL_INFORMATION,
    PolicyKind.MINORS,
)
"""The systems that every provider needs (Provisions art. 4)."""


class AlgorithmKind(StrEnum):
    """The five kinds of the algorithm provisions, art. 2."""

    SYNTHESIS = "synthesis"
    PERSONALISED_PUSH = "personalised_push"
    RANKING = "ranking"
    FILTERING = "filtering"
    SCHEDULING = "scheduling"


class AgreementItem(StrEnum):
    """What the service agreement tells users about popups (Provisions art. 5(6))."""

    FORM = "form"
    CONTENT = "content"
    FREQUENCY = "frequency"
    CANCELLING = "cancelling"


class ConsentPurpose(StrEnum):
    """What recipients agreed to."""

    ADVERTISING = "advertising"
    PERSONALISATION = "personalisation"
    SENSITIVE = "sensitive"
    GUARDIAN = "guardian"


class AdClass(StrEnum):
    """Goods and services whose advertisers need an approval or a qualification."""

    MEDICAL = "medical"
    MEDICINE = "medicine"
    MEDICAL_DEVICE = "medical_device"
    HEALTH_FOOD = "health_food"
    SPECIAL_MEDICAL_FOOD = "special_medical_food"
    PESTICIDE = "pesticide"
    VETERINARY = "veterinary"
    FINANCE = "finance"
    EDUCATION = "education"
    PROPERTY = "property"


NEEDS_APPROVAL: frozenset[AdClass] = frozenset(
    {
        AdClass.MEDICAL,
        AdClass.MEDICINE,
        AdClass.MEDICAL_DEVICE,
        AdClass.HEALTH_FOOD,
        AdClass.SPECIAL_MEDICAL_FOOD,
        AdClass.PESTICIDE,
        AdClass.VETERINARY,
    }
)
"""Classes whose advertisements are approved before they run (Advertising Law art. 46)."""


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A management system in writing; it is looked at again by `review_by`, that day included."""

    kind: PolicyKind
    version: str
    owner: str
    review_by: date


@dataclass(frozen=True, slots=True)
class AlgorithmFiling:
    """An algorithm with the models that it covers.

    `number` is None until the authority gave one. `changed_on` is the day of the last change that
    was filed. The models are assessed again by `review_by`; `notice_url` tells users how it works.
    The service began on `started_on`, was last changed on `altered_on` and ended on `ended_on`,
    each None where nobody registered it: from these days the deadlines run.
    """

    kind: AlgorithmKind
    models: tuple[str, ...]
    number: str | None
    filed_on: date | None
    changed_on: date | None
    review_by: date
    notice_url: str | None
    started_on: date | None = None
    altered_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A version of the service agreement with what it tells users about popups."""

    version: str
    effective_on: date
    states: tuple[AgreementItem, ...]
    url: str | None


@dataclass(frozen=True, slots=True)
class ConsentBasis:
    """What recipients agreed to under one reference: purposes, fields, and until when.

    It is the wording and way of asking that is registered, never who agreed.
    """

    reference: str
    purposes: tuple[ConsentPurpose, ...]
    fields: tuple[str, ...]
    obtained_by: str
    valid_from: date
    valid_to: date


Paper = PolicyDocument | AlgorithmFiling | Agreement | ConsentBasis


@dataclass(frozen=True, slots=True)
class OnFile:
    """What is on file of a provider beside its licences; revoked papers are left out.

    `verified_until` is the last day on which the check of its identity counts, None if it was
    never checked or its legal name has changed since.
    """

    content_head: str = ""
    chief_editor: str = ""
    verified_until: date | None = None
    content_classes: tuple[ContentClass, ...] = ()
    policies: tuple[PolicyDocument, ...] = ()
    algorithms: tuple[AlgorithmFiling, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    consents: tuple[ConsentBasis, ...] = ()

    def consent(self, reference: str | None) -> ConsentBasis | None:
        """Return the consent registered under a reference; None if there is none."""
        return next((one for one in self.consents if one.reference == reference), None)


NOTHING_ON_FILE = OnFile()


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval or qualification of an advertiser for one class, valid to a day included."""

    ad_class: AdClass
    number: str
    valid_to: date


@dataclass(frozen=True, slots=True)
class AdvertiserFacts:
    """An advertiser whose identity and documents were checked, until `valid_to` included."""

    name: str
    credit_code: str
    documents: str
    checked_on: date
    valid_to: date
    approvals: tuple[Approval, ...]
