"""Running Tidewheels and senders as a pytest plugin."""

import pytest

import harness


@pytest.fixture
def tidewheel(tmp_path):
    """Makes running Tidewheels; ends them, and checks that nothing of them is left."""
    made = []

    def make(*manifests, retention=None, server="standalone", arguments=()):
        folder = tmp_path / f"tidewheel-{len(made)}"
        folder.mkdir()
        one = harness.Tidewheel(folder, retention, server, arguments)
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
    """Starts senders and ends them; skips the test where the language cannot be had. Thread-safe."""
    made = []

    def start(language, *arguments, **options):
        if language in harness.LACKS:
            pytest.skip(harness.LACKS[language])
        one = harness.Sender(language, *arguments, **options)
        made.append(one)
        return one

    yield start
    for one in made:
        one.stop()
