"""aws-glue-samples, join_and_relationalize: data of the same shape, and the results that its document shows."""

from __future__ import annotations

from amazon_lake import Lake, Row, check, check_rows

REPOSITORY = "aws-samples/aws-glue-samples"
SOURCE = "s3://awsglue-datasets/examples/us-legislators/all"
OUT = "s3://glue-sample-target/output-dir"

HOUSE, SENATE = "d56acebe-8fdc-47bf-8b53-20413619214d", "8fa6c3d2-71dc-4788-9663-54de1d0d5a9b"
HISTORY = (
    "role seats org_name links type sort_name area_id images on_behalf_of_id other_names contact_details name "
    "birth_date organization_id gender classification death_date legislative_period_id identifiers image "
    "given_name family_name id start_date end_date"
)
"""The columns of l_history, as the document prints them."""
ARRAYS = ("contact_details", "links", "other_names", "images", "identifiers")
"""Its arrays, which become tables."""
PARTIES = ("al", "democrat", "independent", "new_progressive", "popular_dem", "republican")

READ_BACK = """
import sys
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
args = getResolvedOptions(sys.argv, ["tables", "out"])
glue = GlueContext(SparkContext.getOrCreate())
conf = glue.extract_jdbc_conf("redshift3")
for name in args["tables"].split(","):
    rows = glue.spark_session.read.jdbc(conf["fullUrl"], name, properties={"user": "u", "password": "p"})
    rows.write.parquet(args["out"] + "/" + name)
"""
"""Reads what the script wrote through the connection, which only a JVM can."""


def organizations() -> list[Row]:
    """Both chambers, which have no links, and parties, which have links."""
    chambers = [
        {
            "classification": "legislature",
            "id": key,
            "name": name,
            "seats": seats,
            "type": kind,
            "identifiers": [{"scheme": "wikidata", "identifier": f"Q{seats}"}],
        }
        for key, name, seats, kind in (
            (HOUSE, "House of Representatives", 435, "lower house"),
            (SENATE, "Senate", 100, "upper house"),
        )
    ]
    parties = [
        {
            "classification": "party",
            "id": f"party/{name}",
            "name": name.title(),
            "image": f"https://upload.example/{name}.png",
            "links": [{"note": "website", "url": f"http://{name}.example/"}],
            "other_names": [{"lang": "en", "note": "multilingual", "name": name}],
        }
        for name in PARTIES
    ]
    return [*chambers, *parties]


def persons() -> list[Row]:
    """People of whom some have contact details and links, as in the data set."""
    found: list[Row] = []
    for number in range(60):
        one: Row = {
            "id": f"person-{number:03}",
            "name": f"Given{number} Family{number % 7}",
            "given_name": f"Given{number}",
            "family_name": f"Family{number % 7}",
            "sort_name": f"Family{number % 7}, Given{number}",
            "gender": "male" if number % 2 else "female",
            "birth_date": f"19{40 + number % 50}-01-0{1 + number % 9}",
            "image": f"https://theunitedstates.example/{number}.jpg",
            "images": [{"url": f"https://theunitedstates.example/{number}.jpg"}],
            "identifiers": [
                {"scheme": scheme, "identifier": f"{scheme}-{number}"} for scheme in ("bioguide", "wikidata")
            ],
            "other_names": [{"lang": "en", "note": "multilingual", "name": f"G{number}"}],
        }
        if number % 3:
            one["contact_details"] = [
                {"type": kind, "value": f"{kind} of {number}"} for kind in ("fax", "phone", "twitter")
            ]
            one["links"] = [{"note": "website", "url": f"http://{number}.example/"}]
        if number % 20 == 0:
            one["death_date"] = "2001-05-02"
        found.append(one)
    return found


def memberships() -> list[Row]:
    """Seats that the people held."""
    return [
        {
            "area_id": f"ocd-division/country:us/state:{number % 50}",
            "on_behalf_of_id": f"party/{PARTIES[number % len(PARTIES)]}",
            "organization_id": SENATE if number % 4 == 0 else HOUSE,
            "person_id": f"person-{number % 60:03}",
            "role": "member",
            "legislative_period_id": f"term/{100 + number % 9}",
            "start_date": f"20{number % 20:02}-01-03",
            **({"end_date": f"20{number % 20 + 2:02}-01-03"} if number % 3 else {}),
        }
        for number in range(150)
    ]


def history() -> list[Row]:
    """Return l_history: the result of the joins."""
    chambers, people = ({one["id"]: one for one in found} for found in (organizations(), persons()))
    made = []
    for seat in memberships():
        person, chamber = people[seat["person_id"]], chambers[seat["organization_id"]]
        org = {name: value for name, value in chamber.items() if name not in ("identifiers", "id", "name")}
        row = {**org, "org_name": chamber["name"], **person, **seat}
        made.append({name: value for name, value in row.items() if name != "person_id"})
    return made


def run(lake: Lake) -> None:
    """Crawl, run the script, compare the files and the tables in the database."""
    lake.bucket("awsglue-datasets", "glue-sample-target")
    lake.put_records(f"{SOURCE}/persons.json", persons())
    lake.put_records(f"{SOURCE}/memberships.json", memberships())
    lake.put_records(f"{SOURCE}/organizations.json", organizations())
    tables = lake.crawl("legislators", SOURCE)
    check("tables of the crawl", sorted(tables), ["memberships_json", "organizations_json", "persons_json"])
    database = lake.server.data_dir.parent / "redshift"
    lake.glue.create_connection(
        ConnectionInput={
            "Name": "redshift3",
            "ConnectionType": "JDBC",
            "ConnectionProperties": {
                "JDBC_CONNECTION_URL": f"jdbc:derby:{database};create=true",
                "USERNAME": "u",
                "PASSWORD": "p",
            },
        }
    )
    lake.run(lake.copies.text(REPOSITORY, "examples/join_and_relationalize.py"))

    columns = lake.parquet_schema(f"{OUT}/legislator_history")
    check("columns of l_history", sorted(columns), sorted(HISTORY.split()))
    check_rows("legislator_history", lake.parquet(f"{OUT}/legislator_history"), history())
    check("files of legislator_single", len(lake.files(f"{OUT}/legislator_single")), 1)
    check_rows("legislator_single", lake.parquet(f"{OUT}/legislator_single"), history())
    folders = sorted(one.parent.name for one in lake.files(f"{OUT}/legislator_part"))
    check("partitions", sorted(set(folders)), ["org_name=House of Representatives", "org_name=Senate"])
    check_rows("legislator_part", lake.parquet(f"{OUT}/legislator_part", partitioned=True), history())
    _check_tables(lake)


def _check_tables(lake: Lake) -> None:
    """Check the database's tables: every array's table joined by its key has the array's elements."""
    names = ["hist_root", *(f"hist_root_{array}" for array in ARRAYS)]
    lake.run(READ_BACK, tables=",".join(names), out=f"{OUT}/tables")
    root = lake.parquet(f"{OUT}/tables/hist_root")
    check("columns of hist_root", sorted(root[0]), sorted(HISTORY.split()))
    rebuilt = [dict(row) for row in root]
    for array in ARRAYS:
        elements: dict[int, dict[int, Row]] = {}
        for row in lake.parquet(f"{OUT}/tables/hist_root_{array}"):
            prefix = f"{array}.val."
            inner = {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}
            elements.setdefault(row["id"], {})[row["index"]] = inner
        for row in rebuilt:
            key = row[array]
            row[array] = None if key is None else [elements[key][at] for at in sorted(elements[key])]
    check_rows("hist_root and its tables, joined", rebuilt, history())
    contact = lake.parquet(f"{OUT}/tables/hist_root_contact_details")[0]
    check(
        "columns of hist_root_contact_details",
        sorted(contact),
        ["contact_details.val.type", "contact_details.val.value", "id", "index"],
    )
