"""Which rounds `make test` plans, by what answers on the machine."""

import pytest

from tests.run import rounds
from tests.services import POSTGRES, RABBITMQ, REDIS, Server

PG, RD, MQ = "postgres://h/shrink", "redis://h/15", "amqp://h//"


@pytest.mark.parametrize(
    ("found", "expected", "reason"),
    [
        ({}, [{}], "no server: the embedded default alone"),
        ({POSTGRES: PG}, [{}, {"DATABASE_URL": PG}], "PostgreSQL alone"),
        ({POSTGRES: "", REDIS: RD, RABBITMQ: ""}, [{}, {"REDIS_URL": RD}], "Redis alone"),
        (
            {POSTGRES: PG, REDIS: RD, RABBITMQ: MQ},
            [{}, {"DATABASE_URL": PG, "REDIS_URL": RD}, {"BROKER_URL": MQ, "DATABASE_URL": PG}],
            "all three",
        ),
    ],
)
def test_rounds(found: dict[Server, str], expected: list[dict[str, str]], reason: str) -> None:
    assert [planned.environment for planned in rounds(found, [])] == expected, reason
