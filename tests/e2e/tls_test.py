"""TLS and tokens: real SDKs, gRPC and REST clients and our own commands against every port of the real program."""

import os
import ssl
import struct
import subprocess

import grpc
import pytest

from certificates import Authority
from harness import DEADLINE, TIDEWHEEL, eventually, scaled
from scaler_test import ask, failure, field, scaled_object_ref

SDKS = [(language, protocol) for language in ("python", "go") for protocol in ("grpc", "http/protobuf")]

QUESTION = field(1, scaled_object_ref()) + field(2, b"s0-mail")


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "tls")


def otel_add_on_variables(authority, *, mutual):
    """What otel-add-on's chart renders for TLS on both ports, with one certificate."""
    certificate, key = map(str, authority.sign("server"))
    return {
        "OTLP_TLS_CA_FILE": str(authority.certificate) if mutual else "",
        "OTLP_TLS_CERT_FILE": certificate,
        "OTLP_TLS_KEY_FILE": key,
        "OTLP_CERTIFICATE_RELOAD_INTERVAL": "5m",
        "KEDA_TLS_ENABLED": "true",
        "KEDA_TLS_CERT_FILE": certificate,
        "KEDA_TLS_KEY_FILE": key,
    }


def channel_to(one, authority, port):
    credentials = grpc.ssl_channel_credentials(authority.certificate.read_bytes())
    return grpc.secure_channel(f"127.0.0.1:{one.ports[port]}", credentials)


def sdk_settings(one, authority, client):
    """The SDK's own variables for an OTLP port with TLS."""
    settings = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://127.0.0.1:{one.ports['otlp']}",
        "OTEL_EXPORTER_OTLP_CERTIFICATE": str(authority.certificate),
        "REQUESTS_CA_BUNDLE": str(authority.certificate),  # what a machine sets here would win over the SDK's
    }
    if client:
        settings["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"], settings["OTEL_EXPORTER_OTLP_CLIENT_KEY"] = map(str, client)
    return settings


@pytest.mark.parametrize("mutual", [False, True], ids=["server", "mutual"])
@pytest.mark.parametrize("language,protocol", SDKS)
def test_an_sdk_sends_and_keda_asks(tidewheel, sender, authority, language, protocol, mutual):
    one = tidewheel(server="scaler")
    one.variables = otel_add_on_variables(authority, mutual=mutual)
    one.start()
    gauge = sender(language, protocol, 0, "gauge", "queue_depth", "queue=mail",
                   settings=sdk_settings(one, authority, authority.sign("client") if mutual else None))
    gauge.say("set 35")
    with channel_to(one, authority, "scaler") as channel:
        eventually(lambda: not failure(channel, "GetMetrics", QUESTION), one.log)
        assert struct.pack("<d", 35.0) in ask(channel, "GetMetrics", QUESTION)
    assert one.metric("tidewheel_tls_handshakes_total", server="otlp") > 0
    assert one.metric("tidewheel_tls_certificate_expiry_timestamp_seconds", server="otlp") > 1.7e9
    assert one.stop() == 0


def test_without_a_client_certificate_there_is_no_way_in(tidewheel, sender, authority):
    one = tidewheel(server="scaler")
    one.variables = otel_add_on_variables(authority, mutual=True)
    one.start()
    gauge = sender("go", "grpc", 0, "gauge", "queue_depth", "queue=mail", settings=sdk_settings(one, authority, None))
    gauge.say("set 35")
    eventually(lambda: "bad_handshake" in one.get("/metrics", "metrics"), one.log)
    with channel_to(one, authority, "scaler") as channel:
        # The scaler port asks for no certificate, so it takes no OTLP either.
        export = channel.unary_unary("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")
        with pytest.raises(grpc.RpcError) as refused:
            export(b"", timeout=30)
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
        assert failure(channel, "GetMetrics", QUESTION).code() == grpc.StatusCode.UNAVAILABLE
    with grpc.insecure_channel(f"127.0.0.1:{one.ports['scaler']}") as plain:
        assert failure(plain, "GetMetrics", QUESTION).code() == grpc.StatusCode.UNAVAILABLE
    eventually(lambda: one.metric("tidewheel_net_violations_total", server="scaler", kind="no_tls") > 0, one.log)


def test_new_certificates_are_used_without_a_restart(tidewheel, authority, tmp_path):
    """As Kubernetes swaps a secret: links into `..data`, which is turned to another folder."""
    mount, other = tmp_path / "mount", Authority(tmp_path / "other")
    for name, by in (("..1", authority), ("..2", other)):
        (mount / name).mkdir(parents=True)
        for path, kind in zip(by.sign("server"), ("tls.crt", "tls.key")):
            path.rename(mount / name / kind)
    (mount / "..data").symlink_to("..1")
    for kind in ("tls.crt", "tls.key"):
        (mount / kind).symlink_to(f"..data/{kind}")
    one = tidewheel(server="scaler", arguments=["--scaler-tls-cert-file", str(mount / "tls.crt"),
                                                "--scaler-tls-key-file", str(mount / "tls.key"),
                                                "--tls-reload-interval", "100ms"]).start()

    def handshakes():
        return one.metric("tidewheel_tls_handshakes_total", server="scaler")

    with channel_to(one, authority, "scaler") as kept:
        failure(kept, "GetMetrics", QUESTION)
        assert handshakes() == 1
        (mount / "..tmp").symlink_to("..2")
        os.replace(mount / "..tmp", mount / "..data")
        with channel_to(one, other, "scaler") as channel:
            grpc.channel_ready_future(channel).result(timeout=60)  # it tries until it can trust
        assert handshakes() == 2
        failure(kept, "GetMetrics", QUESTION)  # on the connection that it has
        assert handshakes() == 2
    assert one.metric("tidewheel_tls_reload_failures_total", server="scaler") == 0
    assert one.stop() == 0


def test_rest_and_metrics_speak_tls_too(tidewheel, authority):
    certificate, key = map(str, authority.sign("server"))
    files = [f"--{port}-tls-{kind}-file={path}" for port in ("rest", "metrics")
             for kind, path in (("cert", certificate), ("key", key))]
    one = tidewheel(server="scaler", arguments=files)
    one.trust = ssl.create_default_context(cafile=str(authority.certificate))
    one.trust.set_alpn_protocols(["h2", "http/1.1"])  # as curl and browsers do
    one.start()
    assert '"version"' in one.get("/info")
    assert one.metric("tidewheel_tls_handshakes_total", server="rest") > 0
    assert one.stop() == 0


def test_tokens(tidewheel, sender, tmp_path):
    for name in ("otlp", "rest"):
        (tmp_path / name).write_text(f"{name}-secret\n")
    one = tidewheel(server="scaler", arguments=[f"--otlp-token-file={tmp_path / 'otlp'}",
                                                f"--rest-token-file={tmp_path / 'rest'}"]).start()
    for index, (language, protocol) in enumerate(SDKS):
        for token in ("wrong", "otlp-secret"):
            gauge = sender(language, protocol, one.ports["otlp"], "gauge", f"{token.replace('-', '_')}_{index}",
                           settings={"OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{token}"})
            gauge.say("set 1")
    names = [f"otlp_secret_{index}" for index in range(len(SDKS))]
    eventually(lambda: all(name in one.get("/memstore/names") for name in names),
               lambda: one.get("/memstore/names") + one.log())
    assert "wrong" not in one.get("/memstore/names")
    assert one.metric("tidewheel_otlp_refused_requests_total", reason="token") > 0
    assert one.status("/memstore/reset", "POST") == 401
    assert one.status("/memstore/reset", "POST", Authorization="Bearer otlp-secret") == 401
    assert one.status("/memstore/reset", "POST", Authorization="Bearer rest-secret") == 200


@pytest.fixture
def guarded(tidewheel, authority, tmp_path):
    """A standalone whose REST and OTLP ports ask for certificates, and OTLP for a token too."""
    (tmp_path / "token").write_text("otlp-secret\n")
    certificate, key = map(str, authority.sign("server"))
    files = [f"--{port}-tls-{kind}-file={path}" for port in ("rest", "otlp")
             for kind, path in (("cert", certificate), ("key", key), ("ca", authority.certificate))]
    one = tidewheel(scaled("worker", "sum(queue_depth)", "last_one", 10),
                    arguments=[*files, f"--otlp-token-file={tmp_path / 'token'}"])
    one.trust = ssl.create_default_context(cafile=str(authority.certificate))
    one.trust.load_cert_chain(*authority.sign("client"))
    return one.start()


def command(*arguments, **variables):
    """Runs a command of the program with these variables and no other of an SDK."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    return subprocess.run([TIDEWHEEL, *arguments], capture_output=True, text=True, timeout=DEADLINE,
                          env={**own, **variables})


def flags_of(authority):
    return ["--ca-file", str(authority.certificate), "--cert-file", str(authority.folder / "client.crt"),
            "--key-file", str(authority.folder / "client.key")]


def generate(target, protocol, metric, *flags, **variables):
    return command("generate", "--target", target, "--protocol", protocol, "--metric", metric, "--low", "35", "--high",
                   "35", "--requests", "2", "--interval", "10ms", *flags, **variables)


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_every_command_speaks_tls_and_shows_a_certificate(guarded, authority, tmp_path, protocol):
    flags = flags_of(authority)
    target, server = f"https://localhost:{guarded.ports['otlp']}", ["--server", guarded.url("")]
    sent = generate(target, protocol, "queue_depth", *flags, "--token-file", str(tmp_path / "token"))
    assert (sent.returncode, sent.stderr) == (0, "")
    by_variables = generate(target, protocol, "others", OTEL_EXPORTER_OTLP_CERTIFICATE=str(authority.certificate),
                            OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=str(authority.folder / "client.crt"),
                            OTEL_EXPORTER_OTLP_CLIENT_KEY=str(authority.folder / "client.key"),
                            OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20otlp-secret")
    assert (by_variables.returncode, by_variables.stderr) == (0, "")
    eventually(lambda: guarded.object("worker")["replicas"] == 4, guarded.log)
    for arguments, wanted in [(["get"], "worker"), (["get", "default/worker"], "35"), (["top"], "queue_depth"),
                              (["explain", "default/worker"], "35"), (["query", "sum(others)"], "35")]:
        done = command(*arguments, *server, *flags)
        assert (done.returncode, done.stderr) == (0, ""), arguments
        assert wanted in done.stdout, arguments
    simulate = ["simulate", str(guarded.manifests), "--from", "default/worker", *server, *flags]
    # Once a point is recorded, which takes up to 15 s.
    eventually(lambda: command(*simulate).returncode == 0, lambda: command(*simulate).stderr)
    careless = command("get", *server, *flags[2:], "--insecure-skip-verify")
    assert (careless.returncode, careless.stderr) == (0, "")


def test_a_command_says_in_one_line_what_stands_in_the_way(guarded, authority, tmp_path):
    flags, ports = flags_of(authority), guarded.ports
    rest, otlp = f"https://localhost:{ports['rest']}", f"https://localhost:{ports['otlp']}"
    other = Authority(tmp_path / "other")
    (tmp_path / "wrong").write_text("wrong\n")
    stranger = ["--cert-file", str(other.sign("client")[0]), "--key-file", str(other.folder / "client.key")]
    refused, unknown = "the server's certificate is refused", "the server wants a client certificate that it trusts"
    get = [
        (["--server", rest], refused),
        (["--server", rest, "--ca-file", str(other.certificate)], refused),
        (["--server", rest, *flags, "--server-name", "tidewheel.svc"], f"{refused}: it is not for tidewheel.svc"),
        (["--server", rest, *flags[:2]], unknown),
        (["--server", rest, *flags[:2], *stranger], unknown),
        (["--server", f"localhost:{ports['rest']}"], "the server speaks TLS; use https://"),
        (["--server", f"https://localhost:{ports['metrics']}", *flags], "the server does not speak TLS; use http://"),
        (["--server", rest, "--ca-file", "/gone"], "--ca-file /gone: does not exist"),
    ]
    both = [
        (["--target", otlp, "--ca-file", str(other.certificate)], refused),
        (["--target", otlp, *flags[:2]], unknown),
        (["--target", otlp, *flags], "pass --token-file"),
        (["--target", otlp, *flags, "--token-file", str(tmp_path / "wrong")],
         f"the token of --token-file {tmp_path / 'wrong'} was sent"),
        (["--target", f"localhost:{ports['otlp']}"], "the server speaks TLS; use https://"),
        (["--target", f"https://localhost:{ports['metrics']}", *flags], "the server does not speak TLS; use http://"),
    ]
    asked = [(["get", *arguments], wanted) for arguments, wanted in get]
    asked += [(["generate", "--protocol", protocol, *arguments], wanted)
              for protocol in ("grpc", "http") for arguments, wanted in both]
    for arguments, wanted in asked:
        done = command(*arguments)
        assert done.returncode in (1, 2), arguments
        assert wanted in done.stderr, arguments
        assert done.stderr.startswith("tidewheel: ") and done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("variables,wanted", [
    ({"KEDA_TLS_ENABLED": "true"}, "KEDA_TLS_CERT_FILE) is missing"),  # defect 43: otel-add-on serves plaintext
    ({"OTLP_TLS_CA_FILE": "/ca.crt"}, "OTLP_TLS_CERT_FILE) is missing"),
    ({"OTLP_TLS_CERT_FILE": "/tls.crt"}, "OTLP_TLS_KEY_FILE) is missing"),
    ({"OTLP_TLS_CERT_FILE": "/gone", "OTLP_TLS_KEY_FILE": "/gone"}, "/gone: does not exist"),
])
def test_a_contradiction_is_refused_at_the_start(tidewheel, variables, wanted):
    one = tidewheel(server="scaler")
    one.variables = variables
    ended = one.run()
    assert ended.returncode == 1
    assert wanted in ended.stderr
