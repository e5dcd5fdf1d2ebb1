"""otel-add-on's example ScaledObjects under a real KEDA: unchanged, but for the address of the scaler."""

import pathlib
import re
from dataclasses import dataclass

from api import eventually
from otlp import counter, gauge, send

# Those of trigger type external; the other type that the examples use, kedify-otel, is unknown to KEDA.
EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "e2e" / "manifests" / "otel-add-on"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: main, image: main}}]}}
"""


@dataclass(frozen=True)
class Example:
    """One ScaledObject of a file; its Deployment has the same name."""
    file: str
    name: str
    targets: tuple   # as the HPA states them, one a trigger
    metrics: tuple   # functions of what is sent, to be called when it is sent
    replicas: int    # that they ask for
    fallback: bool = False
    tls: bool = False


def sent(kind, name, value, **attributes):
    return lambda: kind(name, value, **attributes)


VLLM = {"deployment": "vllm-llama3-deployment-vllm"}
CASES = [
    # clampMax 10, target 5
    Example("so", "nodeapp", ("5",), (sent(counter, "http.server.request_count", 50, app_id="nodeapp", method="GET",
                                           path="/v1.0/state/statestore"),), 2),
    Example("podinfo-pull", "podinfo", ("2",),
            (sent(counter, "http_request_duration_seconds_count", 5, method="GET", status="200"),), 3),
    Example("push", "recommendationservice", ("1",),
            (sent(counter, "app.frontend.requests", 1.5, target="/api/recommendations", method="GET"),), 2),
    Example("push", "productcatalogservice", ("1",),
            (sent(counter, "app.frontend.requests", 2.5, target="/api/products", method="GET"),), 3),
    Example("otel-operator", "pr-worker", ("100",),
            (sent(gauge, "vcs.change.duration", 180, **{"vcs.repository.name": "otel-add-on", "vcs.change.state": "open",
                                                        "vcs.ref.head.name": "${PR_BRANCH}"}),), 2),
    # The authority is one that KEDA itself was told to trust: what the trigger's metadata says of files, KEDA does not read.
    Example("pipelines-tls", "nginx", ("2",),
            (sent(counter, "nginx_requests", 3.5, deployment="nginx", namespace="app"),), 2, tls=True),
    Example("vllm-sidecar", "vllm-sidecar", ("500m", "40"),
            (sent(gauge, "vllm:gpu_cache_usage_perc", 0.8, **VLLM), sent(gauge, "vllm:num_requests_waiting", 100, **VLLM)),
            3, fallback=True),
    Example("vllm-router", "vllm-router", ("25",), (sent(gauge, "vllm:vllm:num_requests_waiting", 40),), 2, fallback=True),
    Example("vllm-dcgm", "llama", ("40",), (sent(gauge, "DCGM_FI_DEV_MEM_COPY_UTIL", 70, svc="llama"),), 2, fallback=True),
]


def scaled_objects(file):
    """name -> text, of a file's documents."""
    documents = (EXAMPLES / f"{file}.yaml").read_text().split("---\n")
    return {re.search(r"^  name: (\S+)", one, re.MULTILINE)[1]: one for one in documents}


def external():
    """(file, name) of each ScaledObject among the examples that a real KEDA takes."""
    return {(path.stem, name) for path in EXAMPLES.glob("*.yaml") for name, text in scaled_objects(path.stem).items()
            if "type: kedify" not in text}


def over_tls(one, plane):
    certificate, key = plane.authority.sign("scaler", "scaler", "127.0.0.1")
    one.variables = {"KEDA_TLS_ENABLED": "true", "KEDA_TLS_CERT_FILE": str(certificate), "KEDA_TLS_KEY_FILE": str(key)}
    return one


# They leave the polling interval at half a minute. Once KEDA has taken them as they are, the test is in a hurry.
HURRY = {"spec": {"pollingInterval": 2}}


def test_examples_run_unchanged(tidewheel, workload, plane, subtests):
    assert {(case.file, case.name) for case in CASES} == external()
    scalers = {False: tidewheel(server="scaler").start(), True: over_tls(tidewheel(server="scaler"), plane).start()}
    mails = {}
    for case in CASES:
        text = DEPLOYMENT.format(name=case.name) + "---\n" + scaled_objects(case.file)[case.name]
        mails[case] = workload(text, scalers[case.tls].ports["scaler"])
    for case, mail in mails.items():
        with subtests.test(f"{case.name}: KEDA makes the HPA before there is a metric"):
            eventually(lambda: mail.hpa() and mail.hpa()["spec"].get("metrics"), mail.story)
            assert mail.targets() == [(f"s{index}-{mail.namespace}-{case.name}", target)
                                      for index, target in enumerate(case.targets)]
            mail.change(HURRY)
            # Where there is a fallback, KEDA counts failures and says no more than that.
            wanted = "True" if case.fallback else "False"
            eventually(lambda: mail.conditions().get("Ready", ("",))[0] == wanted, mail.story)
    for case in CASES:
        send(scalers[case.tls], *(metric() for metric in case.metrics))
    for case, mail in mails.items():
        with subtests.test(f"{case.name}: it is ready, and follows its metric"):
            eventually(lambda: mail.conditions()["Ready"][0] == "True", mail.story)
            mail.reach(case.replicas, 0)
            eventually(lambda: mail.hpa_condition("ScalingActive") == ("True", "ValidMetricFound"), mail.story)
            assert max(mail.replicas.counts()) == case.replicas
