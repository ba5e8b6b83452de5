"""schemathesis sends the application what its document allows, and much that it does not."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from PIL import Image
from webapp import create_app
from webapp.settings import Settings

from tests.handwriting import as_png, draw, draw_number

MODES = ["L", "RGB", "RGBA", "1", "P", "LA"]
PICTURES = [
    *(draw(7, side=40, pen=4).convert(mode) for mode in MODES),
    *(draw(digit, side=60, pen=6, ink=digit * 20) for digit in range(10)),
    draw_number("41", height=40, gap=10, pen=4),
    Image.new("L", (30, 30)),
]

schemathesis.openapi.media_type("image/png", st.sampled_from([as_png(each) for each in PICTURES]))
config = schemathesis.Config.from_dict(
    {
        "checks": {
            # No schema can say which pictures have a second digit, or which texts are a PNG.
            "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "422"]},
            "negative_data_rejection": {"expected-statuses": ["400", "405", "411", "415", "422"]},
        }
    }
)
app = create_app(Settings(rate_limit=""))
schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)


@schema.parametrize()
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_the_application_complies_with_its_document(case: schemathesis.Case) -> None:
    case.call_and_validate()
