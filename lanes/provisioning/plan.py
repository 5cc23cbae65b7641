"""What a store file says, once it has been understood. Values only."""

from dataclasses import dataclass

from lanes.provisioning.nodes import Problem

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ZonePlan:
    kind: str
    polygon: Corners


@dataclass(frozen=True)
class CameraPlan:
    """``zones`` None: the file does not speak of them."""

    code: str
    source: str
    detector: str | None
    priority: int | None
    zones: tuple[ZonePlan, ...] | None


@dataclass(frozen=True)
class TerminalPlan:
    code: str
    granularity: str


@dataclass(frozen=True)
class LanePlan:
    code: str
    kind: str
    terminals: tuple[TerminalPlan, ...]
    cameras: tuple[CameraPlan, ...]


@dataclass(frozen=True)
class KeyPlan:
    name: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class StorePlan:
    """``governance`` holds only what the file says; what it leaves out is left alone."""

    store: dict[str, str]
    governance: dict[str, str]
    lanes: tuple[LanePlan, ...]
    keys: tuple[KeyPlan, ...]


class ProvisioningRefused(ValueError):
    """The file is refused whole. ``problems``: all of them, in the order of the file."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))
