"""Screenshots of every page at two widths, light and dark: ``make screenshots`` writes them to build/screenshots.

With ``--docs`` only the pictures of the documentation are made, in docs/images.
"""

from __future__ import annotations

import html
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from console_sample import Sample, blueprint_zip  # noqa: E402
from console_site import Site, open_site, pages_of_sample  # noqa: E402

ROOT = Path(__file__).parents[2]
WIDTHS = {"desk": 1280, "phone": 390}
DOCS = {
    "build-zips": 0,
    "console-blueprint": 1100,
    "console-blueprints": 760,
    "console-form": 1000,
    "console-green": 820,
    "console-preview": 620,
    "console-query": 700,
    "console-run": 0,
}
"""The pictures of the documentation, and the height of each; 0: that of the page."""
FULL_WIDTH = 1280
FIGURES = """SELECT country, count(*) AS orders, sum(amount) AS total
FROM orders GROUP BY country ORDER BY total DESC"""


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
        fill(page, "evening")
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Create evening").click()
        page.get_by_role("link", name="Open the workflow").wait_for()
    sample.run("evening")


def fill(page: Any, name: str, batches: str = "5", source: str = "s3://landing/orders/") -> None:
    """Fill in the form of the sample's blueprint for a workflow of that name."""
    role = "arn:aws:iam::123456789012:role/glue"
    values = {
        "WorkflowName": name,
        "ScriptBucket": "scripts",
        "Source": source,
        "Batches": batches,
        "Role": role,
    }
    for field, value in values.items():
        page.locator(f"[name='p.{field}']").fill(value)


def shoot(site: Site, out: Path) -> None:
    """Write the pictures of all pages."""
    for scheme in ("light", "dark"):
        for device, width in WIDTHS.items():
            size = {"width": width, "height": 860}
            with site.page(viewport=size, color_scheme=scheme, timezone_id="UTC", locale="en-GB") as page:

                def picture(name: str, page: Any = page, end: str = f"{device}-{scheme}.png") -> None:
                    page.wait_for_timeout(150)
                    page.screenshot(path=out / f"{name}-{end}", full_page=True)

                for name, path in pages_of_sample(site.client).items():
                    page.goto(site.base + path)
                    picture(name)
                page.goto(f"{site.base}/blueprint/create?blueprint=csv_loader")
                fill(page, "morning", "many", "landing/orders")
                page.get_by_role("button", name="Preview").click()
                picture("creation-mistakes")
                fill(page, "morning")
                page.get_by_role("button", name="Preview").click()
                picture("creation-preview")
                page.get_by_role("button", name="Browse S3 for Source").click()
                page.get_by_role("link", name="month=9/").wait_for()
                picture("creation-picker")
                query(site, page)
                picture("query-result")


def query(site: Site, page: Any) -> None:
    """Run a query, and wait for its rows."""
    page.goto(f"{site.base}/query?database=sales")
    page.get_by_label("SQL").fill(FIGURES)
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#result tbody tr").first.wait_for()


def shoot_for_docs(site: Site, out: Path) -> None:
    """Write the pictures of the documentation."""
    versions(site)
    with site.page(viewport={"width": FULL_WIDTH, "height": 800}, timezone_id="UTC", locale="en-GB") as page:
        page.goto(f"{site.base}/run?workflow=orders")
        save(page, out, "console-run")
        page.goto(f"{site.base}/blueprints")
        save(page, out, "console-blueprints")
        page.goto(f"{site.base}/blueprint?name=csv_loader")
        save(page, out, "console-blueprint")
        page.goto(f"{site.base}/blueprint/create?blueprint=csv_loader")
        fill(page, "morning", "many", "landing/orders")
        page.get_by_role("button", name="Preview").click()
        save(page, out, "console-form")
        fill(page, "morning")
        page.get_by_role("button", name="Preview").click()
        save(page, out, "console-preview")
        page.goto(f"{site.base}/run?workflow=daily_report")
        save(page, out, "console-green")
        query(site, page)
        save(page, out, "console-query")
        with tempfile.TemporaryDirectory() as folder:
            clone = Path(folder)
            for name in ("blueprints", "layouts", "glue_jobs", "build.py", "setup.cfg"):
                (clone / name).symlink_to(ROOT / name)
            plain = page.context.new_page()  # the console's policy allows no style of a page's own
            terminal(plain, ["python build.py", "python -m zipfile -l dist/crawl_locations.zip"], clone)
            save(plain.locator("pre"), out, "build-zips")


def versions(site: Site) -> None:
    """Register the sample's blueprint from the second of two zips, as the console stores them."""
    s3, glue = site.client("s3"), site.client("glue")
    keys = [f"blueprints/{digit * 16}/csv_loader.zip" for digit in ("3", "b")]
    for key in keys:
        s3.put_object(Bucket="scripts", Key=key, Body=blueprint_zip())
    location = f"s3://scripts/{keys[-1]}"
    description = "Loads CSV files into the lake."
    glue.update_blueprint(Name="csv_loader", BlueprintLocation=location, Description=description)
    while glue.get_blueprint(Name="csv_loader")["Blueprint"]["Status"] != "ACTIVE":
        pass


def terminal(page: Any, commands: list[str], folder: Path) -> None:
    """Run commands, and show them with what they print as a terminal does."""
    parts = []
    for command in commands:
        words = [sys.executable, *command.split()[1:]]
        ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
        parts.append(f"<b>$ {html.escape(command)}</b>\n{html.escape(ended.stdout + ended.stderr)}")
    style = "margin:0;padding:20px 24px;width:max-content;background:#0d121c;color:#e7ecf5;font:14px/1.5 monospace"
    page.set_content(f'<pre style="{style}">' + "\n".join(parts) + "</pre>")


def save(page: Any, out: Path, name: str) -> None:
    """Write a picture of the documentation, with few colours: it is small, and stays the same size."""
    path = out / f"{name}.png"
    height = DOCS[name]
    if hasattr(page, "goto"):
        page.wait_for_timeout(150)
        clip = {"x": 0, "y": 0, "width": FULL_WIDTH, "height": height} if height else None
        page.screenshot(path=path, full_page=True, **({"clip": clip} if clip else {}))
    else:
        page.screenshot(path=path)
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


@contextmanager
def prepared() -> Iterator[Site]:
    """A site with the sample's account."""
    with tempfile.TemporaryDirectory() as folder, open_site(Path(folder) / "data") as site:
        prepare(site)
        yield site


def main() -> None:
    """Make the account, and the pictures of all its pages, or those of the documentation."""
    for_docs = "--docs" in sys.argv
    given = [one for one in sys.argv[1:] if one != "--docs"]
    out = Path(given[0]) if given else ROOT / ("docs/images" if for_docs else "build/screenshots")
    out.mkdir(parents=True, exist_ok=True)
    with prepared() as site:
        (shoot_for_docs if for_docs else shoot)(site, out)
    sys.stdout.write(f"{len(list(out.glob('*.png')))} pictures in {out}\n")


if __name__ == "__main__":
    main()
