import pytest

from api import fresh_namespace
from keda import Keda
from workload import Workload

pytest_plugins = ["plane_fixtures", "tidewheel_fixtures"]
HOPS = pytest.StashKey[list]()


@pytest.fixture(scope="session")
def plane_options():
    return {"hpa_sync_period": "1s"}


@pytest.fixture(scope="session")
def keda(plane):
    """One KEDA for all tests."""
    with Keda(plane) as one:
        yield one


@pytest.fixture
def workload(keda, plane):
    """Makes workloads, each in a namespace of its own; tells their stories when the test is over. Thread-safe."""
    made = []

    def make(text, port, objects=()):
        one = Workload(plane.api, fresh_namespace(plane.api), text, port, objects)
        made.append(one)
        return one

    yield make
    for one in made:
        print(one.story())  # Shown when the test failed.
        one.stop()


@pytest.fixture
def hop(request):
    """Notes what a step took, in seconds; the run prints all of them at its end."""
    notes = request.config.stash.setdefault(HOPS, [])
    return lambda what, seconds: notes.append((request.node.name, what, seconds))


def pytest_terminal_summary(terminalreporter, config):
    for test, what, seconds in config.stash.get(HOPS, []):
        terminalreporter.write_line(f"hop: {test}: {what}: {seconds:.2f} s")
