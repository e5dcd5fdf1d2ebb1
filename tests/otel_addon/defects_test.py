"""What otel-add-on gets wrong, by the numbers of the list of its defects; here those that take a whole process.

The others: `tsdb/defects_test.cpp` (1-7, 9, 12-23, 33-35, 37, 38), `tests/e2e/tls_test.py` (43) and the cases with that number
in `cases.json` (25-28 too); 8: `tsdb/histograms_test.cpp` (`metricQuery` itself still sees counts and sums). Left are 36 (see its test), 40 (each
replica has a store of its own) and 49 (the metric's name that clients rely on).
"""

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request

import grpc
import pytest

import replay


@pytest.fixture
def scaler(tmp_path):
    """Starts scalers with an environment, and ends them."""
    made = []

    def start(*arguments, **environment):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(replay.Server.start(environment, folder, ("--bind", "127.0.0.1", *arguments)))
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait(replay.DEADLINE)


def metric(name, value, labels=(), seconds_ago=0.0, **more):
    return {"name": name, "kind": "gauge", **more,
            "points": [{"t": seconds_ago, "a": dict(labels), "v": {"d": value}}]}


def push(server, *metrics, now=None):
    server.push(replay.export_request(metrics, now or time.time()))


def ask(server, query, method="GetMetrics", **meta):
    return server.ask({"ask": method, "meta": {"metricQuery": query, "targetValue": "1", **meta}})


def metrics_page(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.ports['metrics']}/metrics") as answer:
        return answer.read().decode()


def side_by_side(*jobs):
    """Runs the jobs in threads of their own; what one of them raises is raised here."""
    raised = []

    def guarded(job):
        try:
            job()
        except Exception as error:  # told below
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(replay.DEADLINE)
    assert not raised, raised


def test_defect_10_lazy_modes_survive_pushes_beside_questions(scaler):
    server = scaler(METRIC_STORE_LAZY_SERIES="true", METRIC_STORE_LAZY_AGGREGATES="true")

    def pushes(worker):
        return lambda: [push(server, metric(f"m{worker}_{i}", i)) for i in range(100)]

    def questions(worker):
        return lambda: [ask(server, f"m{worker}_{i}", operationOverTime="max") for i in range(100)]

    side_by_side(*(pushes(worker) for worker in range(4)), *(questions(worker) for worker in range(4)))
    push(server, *(metric(f"m{worker}_99", 99) for worker in range(4)))  # the first may have come before its question
    assert [ask(server, f"m{worker}_99") for worker in range(4)] == [99.0] * 4


def test_defect_11_no_sample_is_lost_between_writers_of_one_series(scaler):
    server = scaler()
    base = time.time()  # of all, so that no two points have one time

    def writer(number):
        return lambda: [push(server, metric("shared", i, seconds_ago=20 + number + i / 1000), now=base)
                        for i in range(200)]

    side_by_side(*(writer(number) for number in range(8)))
    assert ask(server, "shared", operationOverTime="count") == 1600


@pytest.mark.parametrize("query", ["}", "}foo", "sum(})"])
def test_defect_24_no_query_ends_the_process(scaler, query):
    server = scaler()
    for method in ("GetMetrics", "IsActive"):
        assert ask(server, query, method) == "error:INVALID_ARGUMENT"
    assert server.ask({"ask": "RestQuery", "body": {"query": query, "operationOverTime": "last_one"}}) == {"status": 400}
    assert server.process.poll() is None


def test_defect_29_there_is_an_activation_threshold(scaler):
    server = scaler()
    push(server, metric("noise", 3))
    assert ask(server, "noise", "IsActive") is True
    assert ask(server, "noise", "IsActive", activationTargetValue="3") is False
    assert ask(server, "noise", "IsActive", activationTargetValue="2.5") is True


@pytest.mark.parametrize("interval", ["0", "-5"])
def test_defect_30_a_repeat_interval_that_is_none_ends_the_start(interval):
    done = subprocess.run([replay.TIDEWHEEL, "scaler", "--bind", "127.0.0.1", *(f"--{name}-port=0" for name in replay.PORTS)],
                          env={**os.environ, "IS_ACTIVE_POLLING_INTERVAL_MS": interval}, capture_output=True, text=True,
                          timeout=replay.DEADLINE, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "IS_ACTIVE_POLLING_INTERVAL_MS" in done.stderr


def test_defect_31_missing_data_do_not_end_a_stream(scaler):
    server = scaler(METRIC_STORE_ERROR_IF_NOT_FOUND="true")
    request = replay.scaled_object_ref({"meta": {"metricQuery": "later", "targetValue": "1"}})
    stream = server.scaler.unary_stream("/externalscaler.ExternalScaler/StreamIsActive")(request)
    assert ask(server, "later") == "error:UNAVAILABLE"
    push(server, metric("later", 3))
    assert next(stream) == b"\x08\x01"  # result = true
    assert stream.is_active()
    stream.cancel()


def test_defect_32_a_metric_without_data_takes_nothing_with_it(scaler):
    server = scaler()
    push(server, metric("before", 1), {"name": "nothing", "kind": "empty"}, metric("after", 2))
    assert (ask(server, "before"), ask(server, "after")) == (1.0, 2.0)


def test_defect_36_text_and_number_of_one_spelling_are_one_label_value(scaler):
    # As in the identity cases: labels are text, so they are one series here as well, and it says the newest value.
    server = scaler()
    push(server, metric("typed", 1, {"code": {"i": 200}}, seconds_ago=2))
    push(server, metric("typed", 2, {"code": "200"}, seconds_ago=1))
    assert ask(server, "typed{code=200}") == 2.0


def test_defect_39_changes_and_metrics_can_require_a_token(scaler, tmp_path):
    token = tmp_path / "token"
    token.write_text("secret\n")
    server = scaler(f"--rest-token-file={token}", f"--otlp-token-file={token}")
    assert server.ask({"ask": "RestReset"}) == {"status": 401}
    with pytest.raises(grpc.RpcError) as refused:
        push(server, metric("m", 1))
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    export = server.channel.unary_unary("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")
    export(replay.export_request([metric("m", 1)], time.time()).SerializeToString(),
           metadata=[("authorization", "Bearer secret")])
    assert ask(server, "m") == 1.0


def test_defects_41_and_42_what_was_asked_first_is_answered_from_the_first_sample_on(scaler):
    server = scaler(METRIC_STORE_LAZY_SERIES="true", METRIC_STORE_LAZY_AGGREGATES="true")
    assert isinstance(ask(server, "lazy.name", "GetMetricSpec"), dict)
    push(server, metric("lazy.name", 5))
    assert ask(server, "lazy_name", operationOverTime="max") == 5.0
    assert ask(server, "lazy_name", operationOverTime="avg") == 5.0


def test_lazy_modes_drop_what_nobody_asked_for(scaler):
    server = scaler(METRIC_STORE_LAZY_SERIES="true")
    push(server, metric("not.asked", 5))
    assert ask(server, "not_asked") == "error:UNAVAILABLE"
    push(server, metric("not.asked", 6))
    assert ask(server, "not_asked", operationOverTime="count") == 1.0


def test_defect_44_sigterm_ends_it_while_senders_stay_connected(scaler):
    server = scaler()
    push(server, metric("m", 1))
    ask(server, "m")
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(replay.DEADLINE) == 0
    with pytest.raises(grpc.RpcError) as failed:
        push(server, metric("m", 2))
    assert failed.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("port", replay.PORTS)
def test_defect_45_a_port_that_is_taken_is_an_end_not_a_useless_process(port):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {name: 0 for name in replay.PORTS} | {port: taken.getsockname()[1]}
        done = subprocess.run([replay.TIDEWHEEL, "scaler", "--bind", "127.0.0.1",
                               *(f"--{name}-port={number}" for name, number in ports.items())],
                              capture_output=True, text=True, timeout=replay.DEADLINE, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "ready" not in done.stdout
    assert str(ports[port]) in done.stderr


def test_defect_46_every_port_is_reached_over_ipv6(tmp_path):
    if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("needs IPv6 on the loopback interface")
    server = replay.Server.start({}, tmp_path, ())
    try:
        for address in ("::1", "127.0.0.1"):
            for port in server.ports.values():
                socket.create_connection((address, port), timeout=replay.DEADLINE).close()
    finally:
        assert server.stop() == 0


def test_defect_47_both_gauges_of_a_read_have_one_name(scaler):
    server = scaler()
    push(server, metric("http.requests", 7))
    ask(server, "http.requests", clampMax="5")
    lines = [line for line in metrics_page(server).splitlines() if line.startswith("keda_otel_scaler_metric_value")]
    assert len(lines) == 2
    assert all('name="http_requests"' in line for line in lines), lines
    assert {line.rpartition(" ")[2] for line in lines} == {"7", "5"}


def test_defect_48_reads_are_not_logged(scaler):
    server = scaler()
    push(server, metric("m", 1))
    before = server.log.read_text()
    for _ in range(50):
        ask(server, "m")
    assert server.log.read_text() == before
