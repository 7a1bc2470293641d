"""A probe of crawlers: one crawl of folders that each answer a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.deploy.conformance.lab import Lab
from glueprint.deploy.conformance.probe import Cost, Probe, rows

FILES = {
    "headless/a.csv": "1,x,2.5\n2,y,3.5\n3,z,4.5\n",
    "two_rows/a.csv": "id,name\n1,x\n",
    "ragged/a.csv": "id,name,size\n" + "".join(f"{n},x,{n}\n" for n in range(20)) + "99,y\n",
    "two_delimiters/a.csv": "a;b,c;d\n1;2,3;4\n5;6,7;8\n",
    "json_array/a.json": '[{"id": 1}, {"id": 2}]',
    "json_numbers/a.json": '{"small": 1, "large": 9000000000, "part": 0.5}\n{"small": 2, "large": 1, "part": 1}\n',
    "levels/2026/11/a.csv": "id,name\n1,x\n2,y\n3,z\n",
    "levels/2026/12/a.csv": "id,name\n4,x\n5,y\n6,z\n",
    "mixed/k=1/x/a.csv": "id,name\n1,x\n2,y\n3,z\n",
    "mixed/k=2/y/a.csv": "id,name\n4,x\n5,y\n6,z\n",
    "xml/a.xml": "<rows><row><id>1</id></row><row><id>2</id></row></rows>",
}
SHOWN = ("classification", "delimiter", "skip.header.line.count", "typeOfData", "compressionType", "rowTag")


def _crawl(lab: Lab) -> Mapping[str, Any]:
    glue, database, crawler = lab.glue, lab.database(), lab.name("crawler")
    for path, text in FILES.items():
        lab.put(f"crawl/{path}", text)
    folders = sorted({path.partition("/")[0] for path in FILES})
    targets = {"S3Targets": [{"Path": f"s3://{lab.bucket}/crawl/{folder}/"} for folder in folders]}
    glue.create_crawler(Name=crawler, Role=lab.role, DatabaseName=database, Targets=targets)
    glue.start_crawler(Name=crawler)
    found = lab.until(
        lambda: glue.get_crawler(Name=crawler)["Crawler"],
        lambda one: one["State"] == "READY" and "LastCrawl" in one,
    )
    answers: dict[str, Any] = {"Status": found["LastCrawl"]["Status"]}
    tables = {one["Name"]: one for one in glue.get_tables(DatabaseName=database)["TableList"]}
    for folder in folders:
        table = tables.get(folder)
        answers[folder] = None if table is None else _shown(table)
    answers["other tables"] = sorted(set(tables) - set(folders))
    return answers


def _shown(table: Mapping[str, Any]) -> dict[str, Any]:
    storage, parameters = table["StorageDescriptor"], table.get("Parameters") or {}
    serde = (storage.get("SerdeInfo") or {}).get("SerializationLibrary", "")
    return {
        "columns": [f"{one['Name']} {one['Type']}" for one in storage["Columns"]],
        "partition keys": [f"{one['Name']} {one['Type']}" for one in table.get("PartitionKeys") or ()],
        "serde": serde.rpartition(".")[2],
        **{name: parameters[name] for name in SHOWN if name in parameters},
    }


PROBES = (
    Probe(
        "crawl",
        "Which tables does a crawler make of headless, ragged and two-row CSV, arrays, nested folders and XML?",
        f"one crawl of {len({one.partition('/')[0] for one in FILES})} folders",
        rows(
            "crawler",
            "Generic CSV column names",
            "CSV rows of different widths",
            "CSV: two delimiters that split a file equally well",
            'CSV: "two rows"',
            "JSON array, built-in classifier",
            "JSON numbers",
            "`partition_N` numbering",
            "XML tables",
        ),
        _crawl,
        Cost(crawls=1),
    ),
)
