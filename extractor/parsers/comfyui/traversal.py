"""One reading of one graph: the work done so far, what was already found, and the bounds on both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator
from typing import Any, Final, TypeAlias, TypeVar

from extractor.ledger import Ledger
from extractor.parsers.comfyui.graph import Graph, Link, Node
from extractor.parsers.comfyui.workflow import Widgets

T = TypeVar("T")
Follow: TypeAlias = "Callable[[Walk, Node], Collection[Link]]"
"""Gives the links of a node that lead on."""

_OPEN: Final = object()
"""Stands for a result that is being worked out; meeting it again means a cycle."""


class Walk:
    """The state of one reading: a step budget shared by all questions, and their answers.

    `steps` have been taken from the budget before, by other graphs of the file.
    """

    __slots__ = ("answers", "budget", "depth", "graph", "log", "steps", "widgets")

    def __init__(self, graph: Graph, log: Ledger, widgets: Widgets, steps: int = 0) -> None:
        self.graph = graph
        self.log = log
        self.widgets = widgets
        self.steps = steps
        self.budget = log.limits.graph_steps
        self.depth = 0
        self.answers: dict[Hashable, Any] = {}

    def step(self, count: int = 1) -> bool:
        """Take steps from the budget; False when it is used up (a warning says so)."""
        self.steps += count
        if self.steps <= self.budget:
            return True
        self.log.limit("graph_steps", "a ComfyUI graph is read only in part")
        return False

    def node(self, link: Link) -> Node:
        """The node a link leads to."""
        return self.graph.nodes[link[0]]

    def once(self, question: Hashable, otherwise: T, answer: Callable[..., T], *args: object) -> T:
        """``answer(*args)``, worked out at most once for a question; `otherwise` in a cycle or beyond a bound."""
        answers = self.answers
        if question in answers:
            known: T = answers[question]
            if known is _OPEN:
                self.log.add("graph-cycle", "the ComfyUI graph has a cycle")
                return otherwise
            return known
        if self.depth >= self.log.limits.graph_depth:
            self.log.limit("graph_depth", "a ComfyUI graph is too deeply nested")
            return otherwise
        if not self.step():
            return otherwise
        answers[question] = _OPEN
        self.depth += 1
        found = answer(*args)
        self.depth -= 1
        answers[question] = found
        return found

    def nearest_first(self, start: Node, follow: Follow) -> Iterator[Node]:
        """`start`, then the nodes upstream of it along the links that `follow` gives, nearest first."""
        nodes = self.graph.nodes
        seen = {start.id}
        queue = [start]
        for node in queue:
            yield node
            links = follow(self, node)
            if links and not self.step(1 + len(links)):
                return
            for target, _ in links:
                if target not in seen:
                    seen.add(target)
                    queue.append(nodes[target])

    def sources_first(self, start: Node, follow: Follow, seen: set[str]) -> list[tuple[Node, Collection[Link]]]:
        """`start` and all nodes upstream of it that are not `seen` yet, with the links that `follow` gives.

        Each comes after the nodes it is made from; cycles are cut.
        """
        found: list[tuple[Node, Collection[Link]]] = []
        if start.id in seen:
            return found
        nodes = self.graph.nodes
        seen.add(start.id)
        links = follow(self, start) if self.step() else ()
        way = [(start, links, iter(links))]
        steps = 0
        while way:
            node, links, left = way[-1]
            for target, _ in left:
                if target not in seen:
                    seen.add(target)
                    source = nodes[target]
                    further = follow(self, source)
                    if further:
                        way.append((source, further, iter(further)))
                        break
                    found.append((source, further))
            else:
                way.pop()
                found.append((node, links))
                steps += 1 + len(links)
        self.step(steps)
        return found
