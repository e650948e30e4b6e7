"""Every rule, in the order of the law; to add one, add its file and its line here."""

from typing import Final

from app.rules.accounts import (
    art06_content_head,
    art08_identity,
    art15_category,
)
from app.rules.ads import (
    art14_recognisable,
    art14_undeclared,
    art28_false_claims,
    art34_advertiser,
    art34_register,
    art40_minors,
    art43_consent,
    art46_approval,
)
from app.rules.ai_label import (
    art04_visible_label,
)
from app.rules.algorithm import (
    art07_systems,
    art08_review,
    art10_tags,
    art16_notice,
    art24_filing,
)
from app.rules.ecosystem import (
    art06_01_state,
    art06_02_security,
    art06_07_superstition,
    art06_09_vice,
    art06_10_rights,
    art06_11_other,
    art07_01_built_to_bait,
    art07_01_clickbait,
    art07_02_gossip,
    art07_03_disaster,
    art07_04_suggestion,
    art07_05_gore,
    art07_06_discrimination,
    art07_07_vulgarity,
    art07_08_minors,
)
from app.rules.elderly import (
    layout,
    no_advertisements,
)
from app.rules.minors import (
    art24_kinds,
    art24_marketing,
)
from app.rules.minors_law import (
    art74_teaching,
)
from app.rules.necessary_data import (
    art05_fields,
)
from app.rules.news import (
    art15_traceable,
    chief_editor,
)
from app.rules.personal_information import (
    art29_sensitive,
    art31_guardian,
)
from app.rules.popup import (
    art02_registered_surface,
    art04_policies,
    art05_01_hype,
    art05_01_old_news,
    art05_02_class_licence,
    art05_02_news_licence,
    art05_03_approved_source,
    art05_03_distortion,
    art05_06_agreement,
    art05_06_closable,
    art05_06_daily_cap,
    art05_06_provider_identity,
    art05_06_status,
    art05_07_algorithm,
    art05_07_minors_profile,
    art05_08_ad_label,
    art05_08_one_tap_close,
    art05_09_contact,
    art05_09_inducement,
    art05_09_link_disguise,
    art05_09_link_domain,
    art05_09_text_link,
    art06_complaint_entry,
)
from app.rules.product import (
    evasion,
    human_review,
    lifetime,
    link_form,
)
from app.rules.rule import Rule

CATALOGUE: Final[tuple[Rule, ...]] = (
    art02_registered_surface.RULE,
    art05_01_hype.RULE,
    art04_policies.RULE,
    art05_01_old_news.RULE,
    art05_02_news_licence.RULE,
    art05_02_class_licence.RULE,
    art05_03_approved_source.RULE,
    art05_03_distortion.RULE,
    art05_06_provider_identity.RULE,
    art05_06_closable.RULE,
    art05_06_agreement.RULE,
    art05_06_status.RULE,
    art05_06_daily_cap.RULE,
    art05_07_algorithm.RULE,
    art05_07_minors_profile.RULE,
    art05_08_ad_label.RULE,
    art05_08_one_tap_close.RULE,
    art05_09_link_domain.RULE,
    art05_09_contact.RULE,
    art05_09_inducement.RULE,
    art05_09_link_disguise.RULE,
    art05_09_text_link.RULE,
    art06_complaint_entry.RULE,
    art06_01_state.RULE,
    art06_02_security.RULE,
    art06_07_superstition.RULE,
    art06_09_vice.RULE,
    art06_10_rights.RULE,
    art06_11_other.RULE,
    art07_01_clickbait.RULE,
    art07_01_built_to_bait.RULE,
    art07_02_gossip.RULE,
    art07_03_disaster.RULE,
    art07_04_suggestion.RULE,
    art07_05_gore.RULE,
    art07_06_discrimination.RULE,
    art07_07_vulgarity.RULE,
    art07_08_minors.RULE,
    art15_traceable.RULE,
    chief_editor.RULE,
    art14_recognisable.RULE,
    art14_undeclared.RULE,
    art28_false_claims.RULE,
    art34_advertiser.RULE,
    art34_register.RULE,
    art40_minors.RULE,
    art24_kinds.RULE,
    art43_consent.RULE,
    art46_approval.RULE,
    art24_marketing.RULE,
    art74_teaching.RULE,
    art07_systems.RULE,
    art08_review.RULE,
    art10_tags.RULE,
    art16_notice.RULE,
    art24_filing.RULE,
    art05_fields.RULE,
    art29_sensitive.RULE,
    art31_guardian.RULE,
    art06_content_head.RULE,
    art08_identity.RULE,
    art15_category.RULE,
    art04_visible_label.RULE,
    no_advertisements.RULE,
    layout.RULE,
    human_review.RULE,
    evasion.RULE,
    lifetime.RULE,
    link_form.RULE,
)
