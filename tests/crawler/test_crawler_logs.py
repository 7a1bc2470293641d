"""The built-in classifiers of logs (DG:add-classifier): which lines are whose, and what the table says."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from glueprint.crawler.classify import BUILT_IN
from glueprint.crawler.result import CrawlResult
from glueprint.facts.serdes import GROK

Crawled = Callable[..., CrawlResult]

COMMON = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326'
"""The example of Apache's own documentation (mod_log_config)."""

LINES: dict[str, tuple[str, str]] = {
    "combined_apache": (
        f'{COMMON} "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
        "clientip,ident,auth,timestamp,verb,request,httpversion,rawrequest,response,bytes,referrer,agent",
    ),
    "apache": (COMMON, "clientip,ident,auth,timestamp,verb,request,httpversion,rawrequest,response,bytes"),
    "ruby_logger": (
        "I, [1999-03-03T02:34:24.895701 #19074]  INFO -- Main: info, of a logger",
        "timestamp,pid,loglevel,progname,message",
    ),
    "squid": (
        "1286536309.586    921 192.168.0.68 TCP_MISS/200 507 POST http://rcv-srv37.example.net/content - "
        "DIRECT/10.1.2.3 text/html",
        "timestamp,duration,client_address,cache_result,status_code,bytes,request_method,url,user,hierarchy_code,"
        "server,content_type",
    ),
    "redismonlog": (
        '1339518083.107412 [0 127.0.0.1:60866] "keys" "*"',
        "timestamp,database,client,port,command,params",
    ),
    "redislog": (
        "[4018] 14 Nov 07:01:22.119 * Background saving terminated with success",
        "pid,timestamp,message",
    ),
}
"""A line of each kind from the format's own documentation, and the columns."""


def test_the_documented_order() -> None:
    """Logs are tried after Ion and before CSV, in the order of DG:add-classifier's table."""
    names = [classifier.name for classifier in BUILT_IN]
    assert names == ["avro", "orc", "parquet", "json", "bson", "xml", "ion", *LINES, "csv"]


@pytest.mark.parametrize("classification", LINES)
def test_a_log_of_each_kind(crawled: Crawled, classification: str) -> None:
    """The page's classification, a column for each field of the pattern, and the pattern for the SerDe."""
    line, columns = LINES[classification]
    result = crawled({"data/a.log": f"{line}\n" * 30})
    (table,) = result.tables
    assert result.warnings == ()
    assert table.classification == classification
    assert [name for name, _ in table.columns] == columns.split(",")
    assert table.storage.serde == GROK
    assert "input.format" in dict(table.storage.serde_parameters)
    assert dict(table.parameters)["recordCount"] == "30"


def test_a_few_other_lines_leave_a_log_a_log(crawled: Crawled) -> None:
    """Below certainty 1.0 the most certain classifier has the file (DG:add-classifier)."""
    (table,) = crawled({"data/a.log": "started\n" + f"{COMMON}\n" * 50 + "stopped\n"}).tables
    assert table.classification == "apache"


def test_a_custom_classifier_comes_first(crawled: Crawled) -> None:
    """Custom classifiers are tried before all built-in ones (DG:add-classifier)."""
    definition = {"Name": "own", "Classification": "own", "GrokPattern": "%{IP:ip} %{GREEDYDATA:rest}"}
    custom = {"GrokClassifier": definition}
    (table,) = crawled({"data/a.log": f"{COMMON}\n" * 9}, classifiers=(custom,)).tables
    assert table.classification == "own"


def test_tables_are_never_logs(crawled: Crawled) -> None:
    """A CSV file stays one, though a field of it looks like a line of a log: CSV is certain of it."""
    rows = "".join(f"{n};{LINES['redislog'][0]};x\n" for n in range(20))
    (table,) = crawled({"data/a.csv": "id;line;more\n" + rows}).tables
    assert table.classification == "csv"


@pytest.mark.parametrize(
    "line",
    [
        '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "' + "GET " * 3000,
        "1." * 8000,
        "[1] " * 4000,
        "a" * 16_000,
        "I, [" + "2000-01-01T" * 1400,
        '"' + "\\" * 16_000,
        "::" * 8000,
    ],
    ids=["apache", "numbers", "brackets", "word", "ruby", "backslashes", "colons"],
)
def test_no_line_makes_a_pattern_run_away(crawled: Crawled, line: str) -> None:
    """Lines that make regular expressions backtrack cost no more than seconds."""
    started = time.process_time()
    crawled({"data/a.log": f"{line}\n" * 30})
    assert time.process_time() - started < 5


def test_a_custom_pattern_that_takes_too_long_costs_that_file(crawled: Crawled) -> None:
    """A user's own pattern may be slow on a hostile file: a warning names it, and the rest is crawled."""
    definition = {"Name": "slow", "Classification": "slow", "GrokPattern": "%{HOSTNAME:a} %{HOSTNAME:b} end"}
    started = time.process_time()
    result = crawled(
        {"data/bad.log": ("1." * 8000 + "\n") * 1000, "data/good/a.csv": "a,b\n1,2\n3,4\n"},
        classifiers=({"GrokClassifier": definition},),
    )
    assert time.process_time() - started < 30
    assert "grok pattern of slow" in result.warnings[0]
    assert [table.classification for table in result.tables] == ["csv"]
