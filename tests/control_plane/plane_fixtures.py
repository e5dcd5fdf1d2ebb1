"""A control plane as a pytest plugin. A conftest.py may define a fixture `plane_options` of its own."""

import pytest

from api import fresh_namespace
from plane import ControlPlane

FAILED = pytest.StashKey[bool]()
KEPT = pytest.StashKey[object]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.session.stash[FAILED] = item.session.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def plane_options():
    """What ControlPlane is made with, by name."""
    return {}


@pytest.fixture(scope="session")
def plane(request, plane_options):
    """One plane for all tests that need no other; each works in a namespace of its own."""
    one = ControlPlane(**plane_options).start()
    yield one
    request.config.stash[KEPT] = one.stop(keep_logs=request.session.stash.get(FAILED, False))


def pytest_terminal_summary(terminalreporter, config):
    if kept := config.stash.get(KEPT, None):
        terminalreporter.write_line(f"logs of the control plane: {kept}")


@pytest.fixture
def namespace(plane):
    """The path of a fresh namespace's objects, without the API group."""
    return fresh_namespace(plane.api)
