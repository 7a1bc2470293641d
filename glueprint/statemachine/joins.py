"""Parallel and Map: their branches are started, and joined when all are done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from glueprint.statemachine.data import effective_input
from glueprint.statemachine.definition import Map, Parallel
from glueprint.statemachine.execution import Branch, Phase
from glueprint.statemachine.faults import StateFault
from glueprint.statemachine.moves import Moves
from glueprint.statemachine.stepping import concurrency, map_items
from glueprint.statemachine.templates import Scope


class Joins(Moves):
    """States with branches of their own."""

    def _start_parallel(self, branch: Branch, state: Parallel) -> None:
        data = effective_input(state, branch.input, self._scope(branch))
        logged = self._log(branch.previous, "ParallelStateStarted", {})
        self._set(replace(branch, phase=Phase.CHILDREN, previous=logged, started=len(state.branches)))
        for index, part in enumerate(state.branches):
            child = Branch(self._new_id(), branch.id, index, part.start_at, data, self._now, logged)
            self._enter(child, part.start_at, data)

    def _start_map(self, branch: Branch, state: Map) -> None:
        items = map_items(state, branch.input, self._scope(branch))
        logged = self._log(branch.previous, "MapStateStarted", {"length": len(items)})
        branch = replace(branch, phase=Phase.CHILDREN, previous=logged, items=tuple(items), started=0)
        self._set(branch)
        self._fill_map(branch, state)
        if not items:
            self._join(self._branch(branch.id), logged)

    def _fill_map(self, branch: Branch, state: Map) -> None:
        """Start the next items of a Map, up to its concurrency."""
        scope = self._scope(branch)
        limit = concurrency(state, scope)
        active = sum(one.phase is not Phase.DONE for one in self._children(branch.id))
        data = scope.apply(state.input_path, "InputPath")
        while branch.started < len(branch.items) and (limit < 1 or active < limit):
            index = branch.started
            branch = replace(branch, started=index + 1)
            self._set(branch)
            logged = self._log(branch.previous, "MapIterationStarted", {"name": state.name, "index": index})
            item = branch.items[index]
            child = Branch(
                self._new_id(), branch.id, index, state.processor.start_at, item, self._now, logged, item=(item,)
            )
            given = item
            if state.has_selector:
                given = Scope(data, self._context(child), f"{self._seed(branch)}/{index}").fill(state.parameters)
            self._enter(child, state.processor.start_at, given)
            active += 1

    def _join(self, parent: Branch, previous: int) -> None:
        """Leave a Parallel or Map state if all of its branches are done."""
        state = self._machine.states[parent.state]
        children = sorted(self._children(parent.id), key=lambda one: one.index)
        wanted = len(parent.items) if isinstance(state, Map) else parent.started
        if len(children) < wanted or any(one.phase is not Phase.DONE for one in children):
            return
        for child in children:
            self._remove(child.id)
        logged = self._log(previous, f"{state.type}StateSucceeded", {})
        parent = replace(parent, previous=logged)
        self._set(parent)
        try:
            self._succeeded(parent, [one.output for one in children])
        except StateFault as fault:
            self._failed(parent, fault)

    def _child_done(self, branch: Branch, output: Any) -> None:
        assert branch.parent is not None
        parent = self._branch(branch.parent)
        state = self._machine.states[parent.state]
        if isinstance(state, Map):
            logged = self._log(
                branch.previous, "MapIterationSucceeded", {"name": state.name, "index": branch.index}
            )
            branch = replace(branch, previous=logged)
        self._set(replace(branch, phase=Phase.DONE, output=output, visit=-1))
        if isinstance(state, Map):
            try:
                self._fill_map(parent, state)
            except StateFault as fault:
                self._failed(self._branch(parent.id), fault)
                return
            parent = self._branch(parent.id)
        self._join(parent, branch.previous)
