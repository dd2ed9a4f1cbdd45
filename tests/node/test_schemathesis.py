"""schemathesis reads `/openapi.json` of a running node and sends what it makes of it: good requests and bad ones."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks

from cryptex.node import openapi
from tests.node.process import NodeProcess

EXAMPLES = 8
"""For each operation and mode."""

BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
USER = {"username": "john", "password": "password123"}
LAST = ("DELETE /sessions/current",)
"""Would end the session that the others use."""

SCHEMA = schemathesis.openapi.from_dict(openapi.build())
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
# A request of good form may still be refused: for its tick size, for funds, for an id that nobody has.
NOT_FOR_AN_EXCHANGE = ("positive_data_acceptance", "max_response_time")


class Client:
    """A logged-in user of a node."""

    def __init__(self, node: NodeProcess) -> None:
        node.ask("POST", "/users", USER)
        token = node.ask("POST", "/sessions", USER)["token"]
        self.url = node.url
        self.headers = {"Authorization": f"Bearer {token}"}
        self.session = requests.Session()
        self.session.trust_env = False


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    node = NodeProcess(tmp_path_factory.mktemp("node") / "data")
    started = Client(node)
    yield started
    started.session.close()
    assert node.end() == 0
    assert node.errors == ""


def checks() -> list[CheckFunction]:
    """Return all checks of schemathesis but those that no exchange can pass."""
    load_all_checks()
    return [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in NOT_FOR_AN_EXCHANGE]


def cases() -> Iterator[Any]:
    """Yield every operation with good requests, and with bad ones where there is something to get wrong."""
    for label, operation in OPERATIONS.items():
        if label in LAST:
            continue
        yield pytest.param(label, GenerationMode.POSITIVE, id=f"good {label}")
        if operation.body or operation.query or operation.path_parameters:
            yield pytest.param(label, GenerationMode.NEGATIVE, id=f"bad {label}")


@pytest.mark.parametrize(("label", "mode"), list(cases()))
def test_an_operation_does_what_the_document_says(client: Client, label: str, mode: GenerationMode) -> None:
    operation = OPERATIONS[label]

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def talk(case: Case) -> None:
        case.call_and_validate(
            base_url=client.url, session=client.session, headers=client.headers, checks=checks(), timeout=5
        )

    talk()
