"""Running Tidewheels and senders as a pytest plugin."""

import pytest

import harness


@pytest.fixture
def tidewheel(tmp_path):
    """Makes running Tidewheels; ends them, and checks that nothing of them is left."""
    made = []

    def make(*manifests, retention=None, server="standalone", arguments=()):
        one = harness.Tidewheel(tmp_path, retention, server, arguments)
        made.append(one)
        for number, manifest in enumerate(manifests):
            one.write(f"{number}.yaml", manifest.replace("$MARK$", one.mark))
        return one

    yield make
    for one in made:
        one.end()
        one.assert_nothing_left()


@pytest.fixture
def sender():
    """Starts senders and ends them."""
    made = []

    def start(*arguments, **options):
        made.append(harness.Sender(*arguments, **options))
        return made[-1]

    yield start
    for one in made:
        one.stop()
