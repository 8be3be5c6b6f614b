"""One reading of one graph: the work done so far, what was already found, and the bounds on both."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from extractor.parsers.comfyui.graph import Graph, Link, Node
from extractor.parsers.comfyui.workflow import Widgets
from extractor.warning import WarningLog

T = TypeVar("T")

_UNKNOWN: Final = object()
_OPEN: Final = object()
"""Stands for a result that is being worked out; meeting it again means a cycle."""


@dataclass(slots=True)
class Walk:
    """The state of one reading: a step budget shared by all questions, and their answers."""

    graph: Graph
    log: WarningLog
    widgets: Widgets
    steps: int = 0
    depth: int = 0
    answers: dict[Hashable, object] = field(default_factory=dict)

    def step(self, count: int = 1) -> bool:
        """Take steps from the budget; False when it is used up (a warning says so)."""
        self.steps += count
        if self.steps <= self.log.limits.graph_steps:
            return True
        self.log.limit("graph_steps", "a ComfyUI graph is read only in part")
        return False

    def node(self, link: Link) -> Node:
        """The node a link leads to."""
        return self.graph.nodes[link[0]]

    def once(self, question: Hashable, otherwise: T, answer: Callable[..., T], *args: object) -> T:
        """``answer(*args)``, worked out at most once for a question; `otherwise` in a cycle or beyond a bound."""
        known = self.answers.get(question, _UNKNOWN)
        if known is _OPEN:
            self.log.add("graph-cycle", "the ComfyUI graph has a cycle")
            return otherwise
        if known is not _UNKNOWN:
            return cast(T, known)
        if self.depth >= self.log.limits.graph_depth:
            self.log.limit("graph_depth", "a ComfyUI graph is too deeply nested")
            return otherwise
        if not self.step():
            return otherwise
        self.answers[question] = _OPEN
        self.depth += 1
        found = answer(*args)
        self.depth -= 1
        self.answers[question] = found
        return found

    def nearest_first(self, start: Node, follow: Callable[[Node], Iterable[Link]]) -> Iterator[Node]:
        """`start`, then the nodes upstream of it along the links that `follow` gives, nearest first."""
        seen = {start.id}
        queue = [start]
        for node in queue:
            yield node
            if not self.step():
                return
            for link in follow(node):
                self.steps += 1
                if link[0] not in seen:
                    seen.add(link[0])
                    queue.append(self.node(link))

    def sources_first(
        self, start: Node, follow: Callable[[Walk, Node], list[Link]], seen: set[str]
    ) -> Iterator[tuple[Node, list[Link]]]:
        """`start` and all nodes upstream of it that are not `seen` yet, with the links that `follow` gave.

        Each comes after the nodes it is made from; cycles are cut.
        """
        if start.id in seen:
            return
        nodes = self.graph.nodes
        seen.add(start.id)
        links = follow(self, start)
        stack = [(start, links, iter(links))]
        while stack:
            node, links, left = stack[-1]
            for link in left:
                if link[0] not in seen:
                    seen.add(link[0])
                    node = nodes[link[0]]
                    links = follow(self, node) if self.step() else []
                    self.step(len(links))
                    stack.append((node, links, iter(links)))
                    break
            else:
                yield node, links
                stack.pop()
