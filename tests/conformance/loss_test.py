"""Nothing is lost without a word: points that SDKs and a Collector sent are points accepted plus points refused, to the
unit, also where a program that is told to end drains under load, and where it is too busy to take anything."""

import pytest

from collector import Collector
from harness import Tidewheel, eventually
from occupied import Held, Hogs

LANGUAGES = ("go", "java", "node", "python")
NEVER_TRIES_AGAIN = "node"  # over gRPC
SERIES = 40  # of each of a sender's three instruments
TIMEOUT = "60000"  # of an export with all its tries; milliseconds, or seconds to some

# Both temporalities and both kinds of histogram, each by both protocols.
SETTINGS = tuple(zip(("grpc", "http/protobuf", "grpc", "http/protobuf"), ("delta", "delta", "cumulative", "cumulative"),
                     ("explicit_bucket_histogram", "base2_exponential_bucket_histogram") * 2))


class Accounts:
    """Runs of one program, and what all of them together accepted and refused."""

    def __init__(self, one):
        self.one = one
        self.before = 0

    def points(self):
        dropped = ("empty", "too_old", "too_far_ahead", "series_limit", "label_limit")
        return self.before + self.one.metric("tidewheel_otlp_points_accepted_total") + self.refused()

    def refused(self):
        name = "tidewheel_otlp_points_dropped_total{"
        return sum(float(line.rpartition(" ")[2]) for line in self.one.get("/metrics", "metrics").splitlines()
                   if line.startswith(name))

    def drain_and_restart(self):
        """SIGTERM under load. While one request is held, the program still tells its counts, which are final then."""
        held = Held(self.one.ports["otlp"])
        self.one.process.terminate()
        eventually(lambda: self.one.metric("tidewheel_net_connections_open", server="otlp") == 1, "only what is held")
        self.before = self.points()
        assert held.finish() == 200
        assert self.one.process.wait() == 0
        self.one.restart()


@pytest.fixture
def start(tmp_path):
    made = []

    def make(*arguments):
        made.append(Tidewheel(tmp_path, server="scaler", arguments=arguments).start())
        return Accounts(made[-1])

    yield make
    for one in made:
        one.end()


def start_load(sender, language, ports):
    """Senders of every setting; ports: protocol -> where to. Returns them by the metric that they send."""
    senders = {}
    for protocol, temporality, histogram in SETTINGS:
        name = f"{language}_{protocol.partition('/')[0]}_{temporality}"
        senders[name] = sender(language, protocol, ports[protocol], "load", name, f"series={SERIES}", temporality=temporality,
                               settings={"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": histogram,
                                         "OTEL_EXPORTER_OTLP_TIMEOUT": TIMEOUT})
    return senders


def wait_for_all(one, names):
    heard = lambda: [name for name in names if f"{name}_counter" not in one.get("/memstore/names")]
    eventually(lambda: not heard(), lambda: f"nothing from {heard()}")


def end(senders):
    """What they said that they exported, and that failed; none of their points is anywhere else."""
    told = [one.end() for one in senders.values()]
    return sum(one["exported"] for one in told), sum(one["failed"] for one in told)


def refusals(one):
    name = 'tidewheel_net_violations_total{'
    return sum(float(line.rpartition(" ")[2]) for line in one.get("/metrics", "metrics").splitlines()
               if line.startswith(name) and 'kind="too_much_in_flight"' in line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_sdk_across_refusals(start, sender, language):
    # Some of its series are over the limit; then the program is full for a while.
    accounts = start("--series-max", str(4 * SERIES))
    one = accounts.one
    senders = start_load(sender, language, dict.fromkeys(("grpc", "http/protobuf"), one.ports["otlp"]))
    eventually(lambda: accounts.refused() > 0, "points over the limit")
    eventually(lambda: accounts.points() > 20 * 3 * SERIES, "some exports")
    with Hogs(one.ports["otlp"]):
        full = refusals(one)
        eventually(lambda: refusals(one) >= full + len(senders), "refusals")
    points = accounts.points()
    eventually(lambda: accounts.points() > points + 5 * 3 * SERIES, "exports after the refusals")
    exported, failed = end(senders)
    assert accounts.points() == exported
    assert failed == 0 or language == NEVER_TRIES_AGAIN
    print(f"{language}: {exported:.0f} points exported, {failed:.0f} failed, {accounts.refused():.0f} refused")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_sdk_across_a_drain(start, sender, language):
    accounts = start("--shutdown-grace", "1m")
    senders = start_load(sender, language, dict.fromkeys(("grpc", "http/protobuf"), accounts.one.ports["otlp"]))
    wait_for_all(accounts.one, senders)
    accounts.drain_and_restart()
    wait_for_all(accounts.one, senders)
    exported, failed = end(senders)
    assert accounts.refused() == 0
    assert accounts.points() == exported
    print(f"{language}: {exported:.0f} points exported, {failed:.0f} failed")


# How the Collector sends: its exporter, and where to.
EXPORTERS = {
    "grpc": lambda port: {"otlp": {"endpoint": f"127.0.0.1:{port}", "tls": {"insecure": True}, "retry_on_failure": RETRIES}},
    "http": lambda port: {"otlphttp": {"endpoint": f"http://127.0.0.1:{port}", "retry_on_failure": RETRIES}},
}
RETRIES = {"initial_interval": "100ms", "max_interval": "1s"}


def sent_on(collector):
    return collector.own("otelcol_exporter_sent_metric_points")


@pytest.mark.parametrize("protocol", EXPORTERS)
def test_a_collector_in_front(start, sender, tmp_path_factory, protocol):
    """Its queue holds what the program does not take for a while, and then all of it arrives."""
    accounts = start("--shutdown-grace", "1m")
    one = accounts.one
    with Collector(tmp_path_factory.mktemp("collector"), lambda _: EXPORTERS[protocol](one.ports["otlp"])) as collector:
        ports = {"grpc": collector.ports["grpc"], "http/protobuf": collector.ports["http"]}
        senders = {**start_load(sender, "go", ports), **start_load(sender, "python", ports)}
        wait_for_all(one, senders)
        accounts.drain_and_restart()
        wait_for_all(one, senders)
        with Hogs(one.ports["otlp"]):
            full = refusals(one)
            eventually(lambda: refusals(one) >= full + 3, "refusals")
        exported, failed = end(senders)
        assert failed == 0
        assert collector.own("otelcol_receiver_accepted_metric_points") == exported
        eventually(lambda: sent_on(collector) >= exported, lambda: f"{exported} points; sent on are {sent_on(collector)}")
        assert sent_on(collector) == exported
        assert collector.own("otelcol_exporter_send_failed_metric_points") == 0
        assert accounts.points() == exported
        print(f"Collector over {protocol}: {exported:.0f} points sent on")
