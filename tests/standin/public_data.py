"""Small data of the shapes that the public scripts read; their own files cannot be fetched."""

from __future__ import annotations

import json
from typing import Any

ORDERS = "s3://lake/orders/"
_EVENTS = "raw/events/event_date=2026-01-01/hour=08"
_SHOP = "aws-glue-ecommerce-931619667208-eu-central-1-an"
_MUSIC = "music-streaming-data-02"


def _lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def _orders() -> str:
    goods = (("drink", "tea", "3.50"), ("grocery", "rice", "2.00"), ("kitchen", "pan", "19.90"))
    return _lines(
        *(
            {
                "customer_id": number % 4,
                "order_id": f"o{number}",
                "datetime": f"2026-0{number % 9 + 1}-01T0{number % 9}:30:00Z",
                "category": goods[number % 3][0],
                "product_name": goods[number % 3][1],
                "price": goods[number % 3][2],
            }
            for number in range(20)
        )
    )


def _customers() -> str:
    return _lines(
        *(
            {
                "customerName": f"Customer {number}",
                "email": f"c{number % 5}@example.com",
                "phone": "8015551212",
                "birthDay": "1980-01-01",
                "serialNumber": f"s{number % 5}",
                "registrationDate": 1655564000000 + number % 5,
                "lastUpdateDate": 1655564000000,
                "shareWithResearchAsOfDate": 0 if number % 5 == 4 else 1655564000000,
                "shareWithPublicAsOfDate": 1655564000000,
                "shareWithFriendsAsOfDate": None,
            }
            for number in range(5)
        )
    )


def _readings() -> str:
    return _lines(
        *(
            {
                "user": f"c{number % 6}@example.com",
                "timestamp": 1655564400000 + number,
                "x": number / 8,
                "y": -1.0,
                "z": 0.25,
            }
            for number in range(30)
        )
    )


def _steps() -> str:
    return _lines(
        *(
            {
                "sensorReadingTime": 1655564400000 + number,
                "serialNumber": f"s{number % 5}",
                "distanceFromObject": 200 + number,
            }
            for number in range(30)
        )
    )


def _events() -> str:
    kinds = ("view", "add_to_cart", "purchase")
    return _lines(
        *(
            {
                "event_id": f"e{number % 25}",
                "event_type": kinds[number % 3],
                "event_timestamp": f"2026-01-01T08:{number:02}:00.000000Z",
                "ingestion_timestamp": f"2026-01-01T09:{number:02}:00.000000Z",
                "event_version": 1,
                "user_id": f"u{number % 2}",
                "session_id": f"s{number % 2}",
                "country": "DE",
                "event_source": "web",
                "device_type": "phone",
                "payload": {
                    "product_id": f"p{number % 2}",
                    "category": "tea",
                    "price": 2.5,
                    "currency": "EUR",
                    "quantity": 1,
                    "cart_value": 5.0,
                },
            }
            for number in range(30)
        )
    )


def _music() -> dict[str, str]:
    streams = "".join(f"{number % 5},t{number % 3},2026-01-0{number % 3 + 1} 10:00:00\n" for number in range(40))
    return {
        "raw/users/users.csv": "user_id,user_name,user_age,user_country,created_at\n"
        + "".join(f"{number},n{number},{20 + number},DE,2026-01-01\n" for number in range(5))
        + "9,,30,DE,2026-01-01\n",
        "raw/songs/songs.csv": "track_id,track_name,track_genre,duration_ms\n"
        "t0,A,rock,1000\nt1,B,jazz,2000\nt2,C,rock,3000\n",
        "raw/streams/streams1.csv": f"user_id,track_id,listen_time\n{streams}",
    }


def put(session: Any) -> None:
    """Make the buckets, objects and tables."""
    objects = {
        ("lake", "orders/data.json"): _orders(),
        ("nyc-tlc", "trip data/yellow_tripdata_2021-07.csv"): "VendorID,pickup,fare,note\n"
        '1,2021-07-01 00:10:00,8.5,"a, b"\n2,2021-07-01 00:20:00,,\n1,2021-07-02 10:00:00,12.25,"say ""hi"""\n',
        ("sensors-customer-landing", "customers.json"): _customers(),
        ("sensors-accelerometer-landing", "readings.json"): _readings(),
        ("sensors-step-trainer-landing", "steps.json"): _steps(),
        (_SHOP, f"{_EVENTS}/a.jsonl"): _events(),
        **{(_MUSIC, key): text for key, text in _music().items()},
    }
    s3 = session.client("s3")
    written = ("customer-trusted", "accelerometer-trusted", "customer-curated", "step-trainer-trusted")
    for bucket in {"target", "sensors-machine-learning-curated", *(f"sensors-{one}" for one in written)}:
        s3.create_bucket(Bucket=bucket)
    for bucket in {bucket for bucket, _ in objects}:
        s3.create_bucket(Bucket=bucket)
    for (bucket, key), text in objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    session.glue.create_database(DatabaseInput={"Name": "db_name"})
    columns = ("customer_id:bigint", "order_id:string", "datetime:string", "category:string", "price:string")
    for table in ("million_files_table", "four_thousand_file_table"):
        session.glue.create_table(
            DatabaseName="db_name",
            TableInput={
                "Name": table,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"classification": "json"},
                "StorageDescriptor": {
                    "Columns": [dict(zip(("Name", "Type"), one.split(":"), strict=True)) for one in columns],
                    "Location": ORDERS,
                    "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
                },
            },
        )
