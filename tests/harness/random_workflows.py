"""Random workflows without cycles, and how each of their nodes ends; the same for the same number."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_NODES = 7
JOB_ENDS = {"SUCCEEDED": 60, "FAILED": 25, "STOPPED": 15}
"""How often jobs end so; one that ends with TIMEOUT takes a minute, and is in few workflows."""
CRAWL_ENDS = {"SUCCEEDED": 70, "FAILED": 30}
TIMEOUT_CHANCE = 0.08
CRAWLER_CHANCE = 0.12
TRUE_CONDITION_CHANCE = 0.6
"""How often a condition waits for the state in which its node ends, if it runs."""


@dataclass(frozen=True)
class RandomWorkflow:
    """A workflow.

    Attributes:
        jobs, crawlers: how each ends if it runs.
        triggers: CreateTrigger requests without WorkflowName.
    """

    name: str
    jobs: Mapping[str, str]
    crawlers: Mapping[str, str]
    triggers: tuple[Mapping[str, Any], ...]


def numbers(default: int) -> range:
    """The workflows to run: GLUEPRINT_WORKFLOWS is a number, or the first and the one after the last (100:200)."""
    first, _, end = os.environ.get("GLUEPRINT_WORKFLOWS", str(default)).rpartition(":")
    return range(int(first or 0), int(end))


def random_workflow(number: int) -> RandomWorkflow:
    """Return the workflow with this number."""
    chance = random.Random(number)
    name = f"w{number:03}"
    count = chance.randint(1, MAX_NODES)
    nodes = [f"{name}-{position}" for position in range(count)]
    crawlers = {node: _pick(chance, CRAWL_ENDS) for node in nodes[1:] if chance.random() < CRAWLER_CHANCE}
    jobs = {node: _pick(chance, JOB_ENDS) for node in nodes if node not in crawlers}
    if chance.random() < TIMEOUT_CHANCE:
        jobs[chance.choice(list(jobs))] = "TIMEOUT"
    ends = {**jobs, **crawlers}
    starting = chance.randint(1, min(3, count))
    triggers: list[dict[str, Any]] = [
        {"Name": f"{name}-begin", "Type": "ON_DEMAND", "Actions": [_part(n, crawlers) for n in nodes[:starting]]}
    ]
    at = starting
    while at < count:
        size = chance.randint(1, min(2, count - at))
        watched = chance.sample(nodes[:at], min(at, chance.randint(1, 3)))
        conditions = []
        for node in watched:
            is_job = node in jobs
            states = [*JOB_ENDS, "TIMEOUT"] if is_job else ["SUCCEEDED", "FAILED", "CANCELLED"]
            state = ends[node] if chance.random() < TRUE_CONDITION_CHANCE else chance.choice(states)
            member = "State" if is_job else "CrawlState"
            conditions.append({"LogicalOperator": "EQUALS", **_part(node, crawlers), member: state})
        triggers.append(
            {
                "Name": f"{name}-trigger-{at}",
                "Type": "CONDITIONAL",
                "StartOnCreation": True,
                "Actions": [_part(node, crawlers) for node in nodes[at : at + size]],
                "Predicate": {"Logical": chance.choice(["AND", "ANY"]), "Conditions": conditions},
            }
        )
        at += size
    return RandomWorkflow(name, jobs, crawlers, tuple(triggers))


def _pick(chance: random.Random, weights: Mapping[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _part(node: str, crawlers: Mapping[str, str]) -> dict[str, str]:
    return {"CrawlerName" if node in crawlers else "JobName": node}
