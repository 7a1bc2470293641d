"""Statements of the kinds that Amazon's documentation publishes, with their results or refusals.

Each entry names the page of Athena's user guide (``https://docs.aws.amazon.com/athena/latest/ug/PAGE.html``), or
the address of another one, that has a statement of this form. The statements here are shorter, and over tables of
a few lines (query_public_data.py).
"""

from __future__ import annotations

from collections.abc import Sequence

Expected = Sequence[Sequence[str | None]] | str | None
"""The rows; or how a text result or the reason of the failure starts; None: it runs."""

TRAIL = """ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
    STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
    OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'"""
TRAIL_COLUMNS = """eventversion STRING,
    useridentity STRUCT<type: STRING, principalid: STRING, arn: STRING>,
    eventtime STRING, eventsource STRING, eventname STRING, sourceipaddress STRING, requestparameters STRING,
    resources ARRAY<STRUCT<arn: STRING, accountid: STRING, type: STRING>>"""
ALB_LINE = (
    r"([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*)[:-]([0-9]*) ([-.0-9]*) ([-.0-9]*) ([-.0-9]*) (|[-0-9]*)"
    r' (-|[-0-9]*) ([-0-9]*) ([-0-9]*) \"([^ ]*) (.*) (- |[^ ]*)\" \"([^\"]*)\"'
)
ACCESS_LINE = (
    r"([^ ]*) ([^ ]*) \\[(.*?)\\] ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*)"
    r' (\"[^\"]*\"|-) (-|[0-9]*)'
)
REGEX = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'"

RUN: list[tuple[str, str, Expected]] = [
    (
        "create-cloudtrail-table",
        f"CREATE EXTERNAL TABLE trail ({TRAIL_COLUMNS}) COMMENT 'the trail''s logs' {TRAIL} "
        "LOCATION 's3://data/public/trail/' TBLPROPERTIES ('classification'='cloudtrail')",
        None,
    ),
    (
        "query-examples-cloudtrail-logs",
        "SELECT useridentity.arn, eventname, sourceipaddress, eventtime FROM trail "
        "WHERE eventname = 'DeleteBucket' AND from_iso8601_timestamp(eventtime) > timestamp '2024-01-01 00:00:00'"
        " LIMIT 100",
        [["arn:aws:iam::123456789012:user/ann", "DeleteBucket", "192.0.2.1", "2024-01-01T10:00:00Z"]],
    ),
    (
        "query-examples-cloudtrail-logs",
        "SELECT json_extract_scalar(requestparameters, '$.bucketName') AS bucket, count(*) AS times FROM trail "
        "WHERE eventsource LIKE 's3%' GROUP BY json_extract_scalar(requestparameters, '$.bucketName')",
        [["old-logs", "1"]],
    ),
    (
        "query-examples-cloudtrail-logs",
        "SELECT eventname, resource.arn FROM trail t CROSS JOIN UNNEST(t.resources) unnested (resource) "
        "WHERE resource.accountid = '123456789012'",
        [["DeleteBucket", "arn:aws:s3:::old-logs"]],
    ),
    (
        "create-cloudtrail-table-partition-projection",
        f"""CREATE EXTERNAL TABLE trail_pp ({TRAIL_COLUMNS}) PARTITIONED BY (`timestamp` string) {TRAIL}
        LOCATION 's3://data/public/trail'
        TBLPROPERTIES (
          'projection.enabled'='true', 'projection.timestamp.format'='yyyy/MM/dd',
          'projection.timestamp.interval'='1', 'projection.timestamp.interval.unit'='DAYS',
          'projection.timestamp.range'='2023/12/01,2024/02/01', 'projection.timestamp.type'='date',
          'storage.location.template'='s3://data/public/trail/${{timestamp}}')""",
        None,
    ),
    (
        "create-cloudtrail-table-partition-projection",
        "SELECT \"timestamp\", count(*) FROM trail_pp WHERE \"timestamp\" >= '2024/01/01' AND \"timestamp\" < "
        "'2024/01/03' GROUP BY 1",
        [["2024/01/01", "2"]],
    ),
    (
        "create-alb-access-logs-table",
        f"""CREATE EXTERNAL TABLE IF NOT EXISTS alb_access_logs (
            type string, time string, elb string, client_ip string, client_port int, target_ip string,
            target_port int, request_processing_time double, target_processing_time double,
            response_processing_time double, elb_status_code int, target_status_code string,
            received_bytes bigint, sent_bytes bigint, request_verb string, request_url string,
            request_proto string, user_agent string)
        PARTITIONED BY (day STRING) {REGEX}
        WITH SERDEPROPERTIES ('serialization.format' = '1', 'input.regex' =
        '{ALB_LINE}')
        LOCATION 's3://data/public/alb/'
        TBLPROPERTIES ("projection.enabled" = "true", "projection.day.type" = "date",
            "projection.day.range" = "2024/01/01,2024/01/03", "projection.day.format" = "yyyy/MM/dd",
            "projection.day.interval" = "1", "projection.day.interval.unit" = "DAYS",
            "storage.location.template" = "s3://data/public/alb/${{day}}")""",
        None,
    ),
    (
        "query-alb-access-logs-examples",
        "SELECT count(request_verb) AS count, request_verb, client_ip, max(target_processing_time) "
        "FROM alb_access_logs WHERE day = '2024/01/01' AND elb_status_code >= 500 "
        "GROUP BY request_verb, client_ip LIMIT 100",
        [["1", "GET", "192.0.2.2", "0.25"]],
    ),
    (
        "query-alb-access-logs-examples",
        "SELECT client_ip, url_extract_parameter(request_url, 'id') FROM alb_access_logs WHERE "
        "parse_datetime(time, 'yyyy-MM-dd''T''HH:mm:ss.SSSSSS''Z') BETWEEN "
        "parse_datetime('2024-01-01-09:00:00', 'yyyy-MM-dd-HH:mm:ss') AND "
        "parse_datetime('2024-01-01-12:00:00', 'yyyy-MM-dd-HH:mm:ss') ORDER BY client_ip",
        [["192.0.2.1", "1"], ["192.0.2.2", "2"]],
    ),
    (
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-s3-access-logs-to-identify-requests.html",
        f"""CREATE EXTERNAL TABLE access_logs (bucketowner STRING, bucket_name STRING, requestdatetime STRING,
            remoteip STRING, requester STRING, requestid STRING, operation STRING, key STRING,
            request_uri STRING, httpstatus STRING) {REGEX}
        WITH SERDEPROPERTIES ('input.regex' = '{ACCESS_LINE}')
        STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
        OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
        LOCATION 's3://data/public/access/'""",
        None,
    ),
    (
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-s3-access-logs-to-identify-requests.html",
        "SELECT requestdatetime, remoteip, key FROM access_logs WHERE operation = 'REST.GET.OBJECT' AND "
        "parse_datetime(requestdatetime, 'dd/MMM/yyyy:HH:mm:ss Z') BETWEEN "
        "parse_datetime('2024-01-01:10:00:02', 'yyyy-MM-dd:HH:mm:ss') AND "
        "parse_datetime('2024-01-31:00:00:00', 'yyyy-MM-dd:HH:mm:ss')",
        [["01/Jan/2024:10:00:02 +0000", "192.0.2.3", "photos/2.jpg"]],
    ),
    (
        "vpc-flow-logs-create-table-statement",
        """CREATE EXTERNAL TABLE IF NOT EXISTS `flow_logs` (version int, account_id string, interface_id string,
            srcaddr string, dstaddr string, srcport int, dstport int, protocol bigint, packets bigint,
            bytes bigint, start bigint, `end` bigint, action string, log_status string)
        PARTITIONED BY (`date` date) ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
        LOCATION 's3://data/public/flow/' TBLPROPERTIES ("skip.header.line.count"="1");""",
        None,
    ),
    (
        "vpc-flow-logs-create-table-statement",
        "ALTER TABLE flow_logs ADD PARTITION (`date`='2024-01-01') LOCATION 's3://data/public/flow/2024/01/01';",
        None,
    ),
    (
        "vpc-flow-logs-create-table-statement",
        "SELECT day_of_week(date) AS day, date, interface_id, srcaddr, action, protocol FROM flow_logs "
        "WHERE action = 'REJECT' AND protocol = 6 AND date > DATE '2023-12-31' LIMIT 100;",
        [["1", "2024-01-01", "eni-1", "192.0.2.5", "REJECT", "6"]],
    ),
    (
        "vpc-flow-logs-create-table-statement",
        "SELECT SUM(packets) AS packetcount, dstaddr, from_unixtime(start) FROM flow_logs WHERE dstport = 443 "
        "AND date > date_add('day', -7, DATE '2024-01-05') GROUP BY dstaddr, start ORDER BY packetcount DESC;",
        [["20", "10.0.0.1", "2024-01-01 10:00:00.000 UTC"]],
    ),
    (
        "create-cloudfront-table-standard-logs",
        r"""CREATE EXTERNAL TABLE IF NOT EXISTS front_logs (`date` DATE, time STRING, x_edge_location STRING,
            sc_bytes BIGINT, c_ip STRING)
        ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' LOCATION 's3://data/public/front/'
        TBLPROPERTIES ( 'skip.header.line.count'='2' )""",
        None,
    ),
    (
        "query-examples-cloudfront-logs",
        "SELECT SUM(sc_bytes) AS total_bytes FROM front_logs WHERE \"date\" BETWEEN DATE '2024-01-01' AND DATE "
        "'2024-01-01' LIMIT 100",
        [["1500"]],
    ),
    (
        "create-waf-table-partition-projection",
        """CREATE EXTERNAL TABLE waf_logs (`timestamp` bigint, action string, httprequest struct<clientip:string,
            country:string, headers:array<struct<name:string,value:string>>>)
        PARTITIONED BY (`log_time` string) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
        LOCATION 's3://data/public/waf/'
        TBLPROPERTIES('projection.enabled'='true', 'projection.log_time.format'='yyyy/MM/dd',
            'projection.log_time.interval'='1', 'projection.log_time.interval.unit'='days',
            'projection.log_time.range'='2024/01/01,NOW', 'projection.log_time.type'='date',
            'storage.location.template'='s3://data/public/waf/${log_time}')""",
        None,
    ),
    (
        "query-examples-waf-logs",
        """WITH test_dataset AS (SELECT header FROM waf_logs CROSS JOIN UNNEST(httprequest.headers) AS t(header)
            WHERE log_time BETWEEN '2024/01/01' AND '2024/01/02')
        SELECT COUNT(*) referer_count, header.value AS referer FROM test_dataset
        WHERE LOWER(header.name) = 'referer' AND header.value LIKE '%bad%' GROUP BY header.value""",
        [["1", "bad.example"]],
    ),
    (
        "query-examples-waf-logs-date-time",
        "SELECT to_iso8601(from_unixtime(timestamp / 1000)) AS iso, from_unixtime(timestamp / 1000) AS d, "
        "action FROM waf_logs WHERE log_time = '2024/01/01'",
        [["2024-01-01T10:00:00.000Z", "2024-01-01 10:00:00.000 UTC", "BLOCK"]],
    ),
    (
        "csv-serde",
        r"""CREATE EXTERNAL TABLE tabs (id string, name string)
        ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
        WITH SERDEPROPERTIES ('separatorChar' = '\t', 'quoteChar' = '\"', 'escapeChar' = '\\')
        STORED AS TEXTFILE LOCATION 's3://data/public/tabs/' TBLPROPERTIES ("skip.header.line.count"="1")""",
        None,
    ),
    ("csv-serde", "SELECT * FROM tabs ORDER BY id", [["1", "Ann\tB."], ["2", "Bob"]]),
    (
        "partitions",
        "CREATE EXTERNAL TABLE by_day (id int, code string) PARTITIONED BY (dt string) ROW FORMAT DELIMITED "
        "FIELDS TERMINATED BY ',' LINES TERMINATED BY '\\n' STORED AS TEXTFILE LOCATION 's3://data/public/elb'",
        None,
    ),
    ("msck-repair-table", "MSCK REPAIR TABLE by_day", "Partitions not in metastore:"),
    ("show-partitions", "SHOW PARTITIONS by_day", "dt=2024-01-01\ndt=2024-01-02\n"),
    ("show-columns", "SHOW COLUMNS IN by_day", "id                  \ncode                \ndt"),
    ("describe-table", "DESCRIBE by_day", "id                  \tint"),
    ("show-tblproperties", "SHOW TBLPROPERTIES tabs('skip.header.line.count')", "1"),
    (
        "alter-table-set-tblproperties",
        "ALTER TABLE by_day SET TBLPROPERTIES ('notes'=\"Please don't drop this table.\")",
        None,
    ),
    ("alter-table-add-columns", "ALTER TABLE by_day ADD COLUMNS (more string)", None),
    ("alter-table-drop-partition", "ALTER TABLE by_day DROP PARTITION (dt = '2024-01-02')", None),
    ("alter-database-set-dbproperties", "ALTER DATABASE public SET DBPROPERTIES ('creator'='Jane')", None),
    (
        "ctas-examples",
        "CREATE TABLE orders WITH (format = 'PARQUET', write_compression = 'SNAPPY', external_location = "
        "'s3://data/public/orders/', partitioned_by = ARRAY['orderpriority']) AS SELECT * FROM (VALUES (1, 10.5, "
        "DATE '2024-01-01', '1-URGENT'), (2, 20.0, DATE '2024-01-02', '5-LOW')) AS t(orderkey, price, day, "
        "orderpriority)",
        None,
    ),
    ("insert-into", "INSERT INTO orders VALUES (3, 1.5, DATE '2024-01-03', '5-LOW')", None),
    (
        "unload",
        "UNLOAD (SELECT orderkey, price FROM orders WHERE orderpriority = '5-LOW') TO "
        "'s3://data/public/unloaded/' WITH (format = 'JSON', compression = 'gzip')",
        None,
    ),
    (
        "querying-athena-tables-file-location-path",
        "SELECT DISTINCT regexp_extract(\"$path\", 'orderpriority=[^/]+') AS part FROM orders ORDER BY part ASC",
        [["orderpriority=1-URGENT"], ["orderpriority=5-LOW"]],
    ),
    ("create-view", "CREATE OR REPLACE VIEW urgent AS SELECT orderkey FROM orders WHERE price > 5", None),
    ("show-create-view", "SHOW CREATE VIEW urgent", "CREATE VIEW"),
    ("drop-view", "DROP VIEW IF EXISTS urgent", None),
    (
        "prepared-statements",
        "PREPARE by_price FROM SELECT orderkey FROM orders WHERE price > ? ORDER BY 1",
        None,
    ),
    ("prepared-statements", "EXECUTE by_price USING 5", [["1"], ["2"]]),
    ("prepared-statements", "DEALLOCATE PREPARE by_price", None),
    (
        "extracting-data-from-json",
        """WITH dataset AS (SELECT '{"name": "Susan Smith", "org": "engineering", "projects": [{"name":"project1",
        "completed":false}, {"name":"project2", "completed":true}]}' AS myblob)
        SELECT json_extract_scalar(myblob, '$.name') AS name,
            json_extract(myblob, '$.projects[0].name') AS project,
            json_array_length(json_extract(myblob, '$.projects')) AS projects FROM dataset""",
        [["Susan Smith", '"project1"', "2"]],
    ),
    (
        "searching-for-values",
        """WITH dataset AS (SELECT * FROM (VALUES (JSON '{"name": "Bob", "projects": ["project1", "project2"]}'),
            (JSON '{"name": "Jane", "projects": ["project2"]}')) AS t (users))
        SELECT json_extract_scalar(users, '$.name') AS user FROM dataset
        WHERE json_array_contains(json_extract(users, '$.projects'), 'project1')""",
        [["Bob"]],
    ),
    (
        "converting-json-to-athena-data-types",
        "SELECT CAST(JSON '\"HELLO ATHENA\"' AS VARCHAR) AS hello, CAST(JSON '12345' AS INTEGER) AS some_int, "
        "CAST(CAST(ARRAY[1, 2] AS JSON) AS ARRAY(BIGINT)) AS list, "
        "CAST(JSON '{\"k\": 1}' AS MAP(VARCHAR, INTEGER)) AS pairs",
        [["HELLO ATHENA", "12345", "[1, 2]", "{k=1}"]],
    ),
    (
        "filtering-with-unnest",
        """WITH dataset AS (SELECT ARRAY[
            CAST(ROW('aws.amazon.com', ROW(true)) AS ROW(hostname VARCHAR, flaggedActivity ROW(isNew BOOLEAN))),
            CAST(ROW('netflix.com', ROW(false)) AS ROW(hostname VARCHAR, flaggedActivity ROW(isNew BOOLEAN)))
        ] AS items)
        SELECT sites.hostname, sites.flaggedActivity.isNew FROM dataset, UNNEST(items) t(sites)
        WHERE sites.flaggedActivity.isNew = true""",
        [["aws.amazon.com", "true"]],
    ),
    (
        "flattening-arrays",
        "SELECT flatten(ARRAY[ARRAY[1, 2], ARRAY[3]]) AS items, transform(ARRAY[1, 2], x -> x * x) AS squares, "
        "filter(ARRAY[5, -6, NULL], q -> q > 0) AS positive, "
        "reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s) AS total",
        [["[1, 2, 3]", "[1, 4]", "[5]", "6"]],
    ),
    (
        "arrays-and-aggregation",
        "WITH dataset AS (SELECT 1 AS number, ARRAY['x', 'y'] AS letters UNION ALL SELECT 2, ARRAY['y']) "
        "SELECT array_agg(DISTINCT letter ORDER BY letter) AS all_letters, map_agg(letter, number) AS last "
        "FROM dataset CROSS JOIN UNNEST(letters) AS t(letter) WHERE number = 1",
        [["[x, y]", "{x=1, y=1}"]],
    ),
    (
        "arrays-create-concat",
        "SELECT ARRAY[4, 5] || ARRAY[ARRAY[6, 7][1]] AS items, array_join(ARRAY['a', 'b'], '/') AS joined, "
        "slice(ARRAY[1, 2, 3], 1, 2) AS first, cardinality(MAP(ARRAY['first'], ARRAY['Bob'])) AS size",
        [["[4, 5, 6]", "a/b", "[1, 2]", "1"]],
    ),
    (
        "filtering-with-regexp",
        "WITH dataset AS (SELECT CAST(ROW('aws.amazon.com', ARRAY['login', 'billing']) AS "
        "ROW(hostname VARCHAR, pages ARRAY(VARCHAR))) AS site) SELECT site.hostname, "
        "regexp_like(array_join(site.pages, ','), 'bill(ing|ed)') AS has_billing FROM dataset",
        [["aws.amazon.com", "true"]],
    ),
    (
        "https://aws.amazon.com/blogs/big-data/top-10-performance-tuning-tips-for-amazon-athena/",
        "SELECT approx_distinct(orderkey) AS n, approx_percentile(price, 0.5) AS median, "
        "max_by(orderkey, price) AS dearest, count_if(price > 5) AS above FROM orders",
        [["3", "10.5", "2", "2"]],
    ),
    (
        "functions-env3",
        "SELECT orderkey, row_number() OVER (PARTITION BY orderpriority ORDER BY price DESC) AS place, "
        "sum(price) OVER (ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS moving, "
        "lag(day) OVER (ORDER BY day) AS before FROM orders ORDER BY day",
        [
            ["1", "1", "10.5", None],
            ["2", "1", "30.5", "2024-01-01"],
            ["3", "2", "21.5", "2024-01-02"],
        ],
    ),
    (
        "functions-env3",
        "SELECT date_trunc('month', TIMESTAMP '2024-02-03 10:00:00'), date_diff('day', DATE '2024-01-01', "
        "DATE '2024-02-01'), date_format(DATE '2024-01-02', '%Y-%m'), DATE '2024-01-31' + INTERVAL '1' MONTH, "
        "last_day_of_month(DATE '2024-02-01'), current_date > DATE '2024-01-01'",
        [["2024-02-01 00:00:00.000", "31", "2024-01", "2024-02-29", "2024-02-29", "true"]],
    ),
    ("athena-explain-statement", "EXPLAIN SELECT * FROM orders", "-- DuckDB:"),
    ("show-tables", "SHOW TABLES IN public 'alb*|waf*'", "alb_access_logs\nwaf_logs\n"),
    ("show-databases", "SHOW SCHEMAS LIKE 'pub*'", "public\n"),
    ("drop-table", "DROP TABLE IF EXISTS orders", None),
]

REFUSED = [
    ("grok-serde", "SELECT * FROM grok_logs", "HIVE_UNSUPPORTED_FORMAT: public.grok_logs has the SerDe GrokSerDe"),
    ("athena-explain-analyze", "EXPLAIN ANALYZE SELECT 1", "NOT_SUPPORTED: EXPLAIN ANALYZE"),
    ("athena-explain-statement", "EXPLAIN (FORMAT JSON) SELECT 1", "NOT_SUPPORTED: options of EXPLAIN"),
    (
        "querying-iceberg-creating-tables",
        "CREATE TABLE t (id bigint) LOCATION 's3://data/t/' TBLPROPERTIES ('table_type' = 'ICEBERG')",
        "NOT_SUPPORTED: CREATE TABLE with table_type ICEBERG",
    ),
    (
        "merge-into-statement",
        "MERGE INTO accounts t USING monthly s ON (t.c = s.c) WHEN MATCHED THEN DELETE",
        "NOT_SUPPORTED: MERGE INTO (Iceberg)",
    ),
    ("update-statement", "UPDATE t SET c = 1 WHERE c = 2", "NOT_SUPPORTED: UPDATE (Iceberg)"),
    ("delete-statement", "DELETE FROM t WHERE c = 1", "NOT_SUPPORTED: DELETE (Iceberg)"),
    ("optimize-statement", "OPTIMIZE t REWRITE DATA USING BIN_PACK", "NOT_SUPPORTED: OPTIMIZE (Iceberg)"),
    ("vacuum-statement", "VACUUM t", "NOT_SUPPORTED: VACUUM (Iceberg)"),
    (
        "querying-iceberg-time-travel-and-version-travel-queries",
        "SELECT * FROM shop.sales FOR TIMESTAMP AS OF TIMESTAMP '2024-01-01 00:00:00 UTC'",
        "NOT_SUPPORTED: ",
    ),
    (
        "bucketing-vs-partitioning",
        "CREATE TABLE b WITH (bucketed_by = ARRAY['id'], bucket_count = 10) AS SELECT id FROM shop.sales",
        "NOT_SUPPORTED: bucketed tables",
    ),
    (
        "running-federated-queries",
        'SELECT count(*) FROM "lambda:cloudwatch"."log_group".all_streams',
        "CATALOG_NOT_FOUND: line 1:22: Catalog 'lambda:cloudwatch' not found",
    ),
    (
        "querying-udf",
        "USING EXTERNAL FUNCTION f(x VARCHAR) RETURNS VARCHAR LAMBDA 'udf' SELECT f('a')",
        "NOT_SUPPORTED: USING EXTERNAL FUNCTION",
    ),
    (
        "geospatial-example-queries",
        "SELECT st_contains(st_polygon('polygon ((0 0, 0 1, 1 1, 0 0))'), st_point(0, 0))",
        "NOT_SUPPORTED: line 1:8: Function 'st_contains'",
    ),
    (
        "querying-glue-catalog",
        "SELECT table_name FROM information_schema.tables",
        "NOT_SUPPORTED: line 1:24: information_schema",
    ),
    (
        "describe-table",
        "DESCRIBE FORMATTED tabs",
        "NOT_SUPPORTED: DESCRIBE EXTENDED and FORMATTED",
    ),
    (
        "ion-serde",
        "CREATE EXTERNAL TABLE t (id int) STORED AS ION LOCATION 's3://data/ion/'",
        "NOT_SUPPORTED: STORED AS ION",
    ),
    ("ctas-insert-into", "INSERT OVERWRITE TABLE tabs SELECT 1", "NOT_SUPPORTED: INSERT OVERWRITE"),
    ("select", "SELECT * FROM shop.sales TABLESAMPLE BERNOULLI (50) REPEATABLE (1)", "NOT_SUPPORTED: "),
]
