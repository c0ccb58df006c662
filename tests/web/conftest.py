"""The networks that the tests of pages share: the demonstration, a small one, a large one."""

from collections.abc import Iterator

import pytest

from popschool.portal import demo_plan
from tests.web.network import Network, at_its_day, make_network


@pytest.fixture(scope="session")
def shared_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return make_network(tmp_path_factory.mktemp("network"))


@pytest.fixture
def network(shared_network: Network) -> Iterator[Network]:
    """Fifteen schools and about 380 learners, on their day."""
    with at_its_day():
        yield shared_network


@pytest.fixture(scope="session")
def small_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """One school and ten learners."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_plan, "SCHOOLS", demo_plan.SCHOOLS[:1])
        return make_network(tmp_path_factory.mktemp("small"), 10)


@pytest.fixture(scope="session")
def large_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Fifteen schools and three thousand learners."""
    return make_network(tmp_path_factory.mktemp("large"), 3000)
