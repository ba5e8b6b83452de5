"""What axe-core holds against a page."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# All rules but the experimental ones, and of those that are off by default the one on targets of
# 24 pixels. What still fades or moves is looked at once it has come to rest.
RUN = """async () => {
    const moving = document.getAnimations()
        .filter((each) => each.effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map((each) => each.finished));
    const rules = { "target-size": { enabled: true } };
    return (await axe.run({ rules, resultTypes: ["violations"] })).violations;
}"""


def violations(page: Page) -> list[str]:
    """Returns a line for each element that breaks a rule in the page's present state."""
    page.evaluate(AXE_SCRIPT)  # not add_script_tag, which the page's CSP forbids
    return [
        f"{rule['id']}: {node['html']} {' '.join(node['failureSummary'].split())}"
        for rule in page.evaluate(RUN)
        for node in rule["nodes"]
    ]
