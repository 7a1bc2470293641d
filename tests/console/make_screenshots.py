"""Screenshots of every page at two widths, light and dark; ``make screenshots`` writes them to
build/screenshots."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from console_sample import Sample  # noqa: E402
from console_site import Site, open_site, pages_of_sample  # noqa: E402

WIDTHS = {"desk": 1280, "phone": 390}


def prepare(site: Site) -> None:
    """Make the account, with a failed run and a workflow that comes from a blueprint."""
    sample: Sample = site.sample()
    sample.make()
    sample.register()
    sample.run("daily_report")
    sample.run("orders")
    glue = site.client("glue")
    while glue.get_blueprint(Name="csv_loader")["Blueprint"]["Status"] != "ACTIVE":
        pass
    with site.page() as page:
        page.goto(f"{site.base}/blueprint/create?blueprint=csv_loader")
        fill(page)
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Create evening").click()
        page.get_by_role("link", name="Open the workflow").wait_for()
    sample.run("evening")


def fill(page: Any, batches: str = "5", source: str = "s3://landing/orders/") -> None:
    """Fill in the form of the sample's blueprint."""
    role = "arn:aws:iam::123456789012:role/glue"
    values = {
        "WorkflowName": "evening",
        "ScriptBucket": "scripts",
        "Source": source,
        "Batches": batches,
        "Role": role,
    }
    for name, value in values.items():
        page.locator(f"[name='p.{name}']").fill(value)


def shoot(site: Site, out: Path) -> None:
    """Write the pictures."""
    out.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        for device, width in WIDTHS.items():
            size = {"width": width, "height": 860}
            with site.page(viewport=size, color_scheme=scheme, timezone_id="UTC", locale="en-GB") as page:
                for name, path in pages_of_sample(site.client).items():
                    page.goto(site.base + path)
                    page.wait_for_timeout(150)
                    page.screenshot(path=out / f"{name}-{device}-{scheme}.png", full_page=True)
                page.goto(f"{site.base}/blueprint/create?blueprint=csv_loader")
                fill(page, "many", "landing/orders")
                page.get_by_role("button", name="Preview").click()
                page.screenshot(path=out / f"creation-mistakes-{device}-{scheme}.png", full_page=True)
                fill(page)
                page.get_by_role("button", name="Preview").click()
                page.screenshot(path=out / f"creation-preview-{device}-{scheme}.png", full_page=True)


def main() -> None:
    """Make the account, and the pictures of all its pages."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")
    with tempfile.TemporaryDirectory() as folder, open_site(Path(folder) / "data") as site:
        prepare(site)
        shoot(site, out)
    sys.stdout.write(f"{len(list(out.glob('*.png')))} pictures in {out}\n")


if __name__ == "__main__":
    main()
