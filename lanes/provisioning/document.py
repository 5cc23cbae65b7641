"""From a store file to a plan: read whole, every mistake found, nothing written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import available_timezones

import yaml

from lanes.domain.codes import CODE, CODE_RULE, STORE_CODE
from lanes.domain.geometry import polygon_problems
from lanes.domain.iso import COUNTRIES, CURRENCIES
from lanes.domain.papers import PAPERS
from lanes.domain.sources import source_problem
from lanes.models import ApiKey, Lane, Terminal, Zone
from lanes.provisioning import nodes
from lanes.provisioning.nodes import Problems, Section
from lanes.provisioning.plan import (
    CameraPlan,
    Corners,
    KeyPlan,
    LanePlan,
    ProvisioningRefused,
    StorePlan,
    TerminalPlan,
    ZonePlan,
)


def read(document_text: str) -> StorePlan:
    """The plan, or ProvisioningRefused with every mistake in the file."""
    problems = Problems()
    root = nodes.compose(document_text, problems)
    plan = _Reader(problems).store_file(root) if root is not None else None
    if plan is None or problems.found:
        raise ProvisioningRefused(problems.sorted())
    return plan


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


@dataclass
class _Reader:
    problems: Problems
    taken: dict[tuple[str, str], int] = field(default_factory=dict)

    def store_file(self, root: yaml.Node) -> StorePlan | None:
        top = nodes.section(root, ("store", "governance", "lanes", "keys"), "the file", self.problems)
        if top is None:
            return None
        example = "store: {code: S001, name: Demo store, timezone: Europe/Madrid, currency: EUR, country: ES}"
        store_node = top.required("store", example)
        store = self.store(store_node) if store_node is not None else {}
        lanes = nodes.items(top.get("lanes"), "lanes", "- code: L1", self.problems)
        keys = nodes.items(top.get("keys"), "keys", "- {name: till, scopes: [pos.write]}", self.problems)
        return StorePlan(
            store=store,
            governance=self.governance(top.get("governance")),
            lanes=tuple(filter(None, [self.lane(node) for node in lanes])),
            keys=tuple(filter(None, [self.key(node) for node in keys])),
        )

    def store(self, node: yaml.Node) -> dict[str, str]:
        part = nodes.section(node, ("code", "name", "timezone", "currency", "country"), "store", self.problems)
        if part is None:
            return {}
        found = {
            "code": self.slug(part.required("code", "code: S001")),
            "name": nodes.text(part.required("name", "name: Demo store"), "name", self.problems, longest=120),
            "timezone": nodes.choice(
                part.required("timezone", "timezone: Europe/Madrid"),
                "timezone",
                _timezones(),
                self.problems,
                instead="write an IANA name, for example Europe/Madrid",
            ),
            "currency": nodes.choice(
                part.required("currency", "currency: EUR"),
                "currency",
                CURRENCIES,
                self.problems,
                instead="write an ISO 4217 code, for example EUR",
            ),
            "country": nodes.choice(
                part.required("country", "country: ES"),
                "country",
                COUNTRIES,
                self.problems,
                instead="write an ISO 3166 code, for example ES",
            ),
        }
        return {key: value for key, value in found.items() if value is not None}

    def governance(self, node: yaml.Node | None) -> dict[str, str]:
        if node is None:
            return {}
        keys = (*PAPERS, "dpia")
        part = nodes.section(node, keys, "governance", self.problems)
        if part is None:
            return {}
        longest = {"purpose": 300, "owner": 200}
        found = {
            key: nodes.text(part.get(key), key, self.problems, longest=longest.get(key, 64), blank=True) for key in keys
        }
        return {key: value for key, value in found.items() if value is not None}

    def lane(self, node: yaml.Node) -> LanePlan | None:
        part = nodes.section(node, ("code", "kind", "terminals", "cameras"), "a lane", self.problems)
        if part is None:
            return None
        code = self.code(part, "lane", "code: L1", longest=32)
        kind = nodes.choice(part.required("kind", "kind: staffed"), "lane kind", Lane.Kind.values, self.problems)
        terminal_nodes = nodes.items(
            part.get("terminals"), "terminals", "[{code: T1, granularity: line}]", self.problems
        )
        camera_nodes = nodes.items(part.get("cameras"), "cameras", "- code: L1-top", self.problems)
        terminals = tuple(filter(None, [self.terminal(item) for item in terminal_nodes]))
        cameras = tuple(filter(None, [self.camera(item) for item in camera_nodes]))
        return LanePlan(code, kind, terminals, cameras) if code and kind else None

    def terminal(self, node: yaml.Node) -> TerminalPlan | None:
        part = nodes.section(node, ("code", "granularity"), "a terminal", self.problems)
        if part is None:
            return None
        code = self.unique(
            "terminal", part.required("code", "code: T1"), lambda n: nodes.text(n, "code", self.problems, longest=64)
        )
        granularity = nodes.choice(part.get("granularity"), "granularity", Terminal.Granularity.values, self.problems)
        return TerminalPlan(code, granularity or Terminal.Granularity.LINE.value) if code else None

    def camera(self, node: yaml.Node) -> CameraPlan | None:
        part = nodes.section(node, ("code", "source", "zones", "detector", "priority"), "a camera", self.problems)
        if part is None:
            return None
        code = self.code(part, "camera", "code: L1-top", longest=64)
        source_node = part.required("source", "source: rtsp://host:554/path")
        source = nodes.text(source_node, "source", self.problems, longest=500)
        if source and source_node is not None and (wrong := source_problem(source)):
            self.problems.add(source_node, wrong)
        detector = nodes.text(part.get("detector"), "detector", self.problems, longest=300, blank=True)
        priority = self.priority(part.get("priority"))
        zones = self.zones(part) if part.get("zones") is not None else None
        return CameraPlan(code, source, detector, priority, zones) if code and source else None

    def priority(self, node: yaml.Node | None) -> int | None:
        value = nodes.number(node, "priority", self.problems) if node is not None else None
        if node is not None and value is not None and value not in range(10):
            self.problems.add(node, "priority must be a whole number from 0 (rests first) to 9")
            return None
        return int(value) if value is not None else None

    def zones(self, camera: Section) -> tuple[ZonePlan, ...]:
        example = "- {kind: scanner, polygon: [[.4,.3],[.6,.3],[.6,.7],[.4,.7]]}"
        return tuple(
            filter(
                None, [self.zone(node) for node in nodes.items(camera.get("zones"), "zones", example, self.problems)]
            )
        )

    def zone(self, node: yaml.Node) -> ZonePlan | None:
        part = nodes.section(node, ("kind", "polygon"), "a zone", self.problems)
        if part is None:
            return None
        kind = nodes.choice(part.required("kind", "kind: scanner"), "zone kind", Zone.Kind.values, self.problems)
        polygon_node = part.required("polygon", "polygon: [[.4,.3],[.6,.3],[.6,.7],[.4,.7]]")
        polygon = self.polygon(polygon_node) if polygon_node is not None else None
        return ZonePlan(kind, polygon) if kind and polygon else None

    def polygon(self, node: yaml.Node) -> Corners | None:
        corner_nodes = list(nodes.items(node, "polygon", "[[.4,.3],[.6,.3],[.6,.7]]", self.problems))
        corners = [self.corner(item) for item in corner_nodes]
        if None in corners or not isinstance(node, yaml.SequenceNode):
            return None
        whole = tuple(corner for corner in corners if corner is not None)
        for problem in polygon_problems(whole):
            self.problems.add(node if problem.corner is None else corner_nodes[problem.corner], problem.sentence)
        return whole

    def corner(self, node: yaml.Node) -> tuple[float, float] | None:
        if not isinstance(node, yaml.SequenceNode) or len(node.value) != 2:
            self.problems.add(node, "a corner is two numbers: write for example [.4, .3]")
            return None
        x, y = (nodes.number(item, "a coordinate", self.problems) for item in node.value)
        return None if x is None or y is None else (x, y)

    def key(self, node: yaml.Node) -> KeyPlan | None:
        part = nodes.section(node, ("name", "scopes"), "a key", self.problems)
        if part is None:
            return None
        name = self.unique(
            "key", part.required("name", "name: till"), lambda n: nodes.text(n, "name", self.problems, longest=50)
        )
        scopes_node = part.required("scopes", "scopes: [pos.write]")
        found = list(nodes.items(scopes_node, "scopes", "[pos.write]", self.problems))
        if isinstance(scopes_node, yaml.SequenceNode) and not found:
            self.problems.add(
                scopes_node, f"a key needs a scope: write at least one of {', '.join(ApiKey.Scope.values)}"
            )
        scopes = [nodes.choice(item, "scope", ApiKey.Scope.values, self.problems) for item in found]
        return KeyPlan(name, tuple(dict.fromkeys(filter(None, scopes)))) if name else None

    def slug(self, node: yaml.Node | None) -> str | None:
        code = nodes.text(node, "store code", self.problems, longest=32)
        if node is not None and code and not STORE_CODE.fullmatch(code):
            self.problems.add(node, f"store code {code!r}: write letters, digits, - and _ only")
            return None
        return code

    def code(self, part: Section, what: str, example: str, *, longest: int) -> str | None:
        def read_code(node: yaml.Node) -> str | None:
            code = nodes.text(node, f"{what} code", self.problems, longest=longest)
            if code and not CODE.fullmatch(code):
                self.problems.add(node, f"{what} code {code!r}: {CODE_RULE}")
                return None
            return code

        return self.unique(what, part.required("code", example), read_code)

    def unique(self, what: str, node: yaml.Node | None, read_one: Callable[[yaml.Node], str | None]) -> str | None:
        """What ``read_one`` reads, said to be wrong where the file has it already."""
        value = read_one(node) if node is not None else None
        if node is None or value is None:
            return None
        if (what, value) in self.taken:
            first = self.taken[what, value]
            self.problems.add(node, f"{what} {value!r} stands already on line {first}: give each its own")
        else:
            self.taken[what, value] = node.start_mark.line + 1
        return value
