import pytest

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
def workload(keda, plane, namespace):
    """Makes the workload of a manifest, with the scaler at a port; tells its story when the test is over."""
    made = []

    def make(manifest, port):
        made.append(Workload(plane.api, namespace, manifest, port))
        return made[-1]

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
