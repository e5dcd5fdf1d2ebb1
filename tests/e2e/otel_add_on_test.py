"""otel-add-on's example ScaledObjects run unchanged beside a Deployment."""

import re

import pytest

from harness import HERE, scaled

FOLDER = HERE / "manifests" / "otel-add-on"
EXAMPLES = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "dapr-v3")


def with_deployments(text):
    """The manifest after a Deployment for every workload it names."""
    targets = re.findall(r"scaleTargetRef:\n    name: (\S+)", text)
    deployments = (scaled(name, "unused", "last_one", 1).split("---\n")[0] for name in targets)
    return targets, "---\n".join([*deployments, text])


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_loads_unchanged(tidewheel, example):
    targets, text = with_deployments((FOLDER / f"{example}.yaml").read_text())
    one = tidewheel(text).start()
    for target in targets:
        shown = one.object(target)
        assert shown["problems"] == []
        assert shown["triggers"] and all(t["state"] == "absent" for t in shown["triggers"])
        one.wait_replicas(target, shown["minReplicas"])


def test_an_example_follows_its_metric(tidewheel, sender):
    _, text = with_deployments((FOLDER / "vllm-dcgm.yaml").read_text())
    one = tidewheel(text).start()
    gauge = sender("go", "grpc", one.ports["otlp"], "gauge", "DCGM_FI_DEV_MEM_COPY_UTIL", "svc=llama")
    gauge.say("set 70")
    one.wait_replicas("llama", 2)


def test_a_trigger_of_another_product_is_named(tidewheel):
    _, text = with_deployments((FOLDER / "dapr-v3.yaml").read_text())
    done = tidewheel(text).run()
    assert done.returncode != 0
    assert "kedify-http" in done.stderr, done.stderr
