"""The control plane itself: it serves, its controllers work, several live side by side, nothing is left of it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest

import plane as plane_module
from api import Refused, eventually
from plane import ControlPlane
from processes import Ended

HERE = pathlib.Path(__file__).resolve().parent
PLANE = [sys.executable, str(HERE / "plane.py"), "run"]


def deployment(name, replicas):
    labels = {"app": name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels},
                                  "spec": {"containers": [{"name": "main", "image": "none"}]}}}}


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_server_tells_its_version(plane):
    version = plane.api.get("/version")
    assert (version["gitVersion"], version["major"], version["minor"]) == ("v1.36.1", "1", "36")


def test_a_deployment_gets_its_pods_and_scales(plane, namespace):
    deployments = f"/apis/apps/v1/{namespace}/deployments"
    plane.api.create(deployments, deployment("mail", 2))
    pods = f"/api/v1/{namespace}/pods"
    eventually(lambda: len(plane.api.get(pods)["items"]) == 2, "2 pods")
    owners = {pod["metadata"]["ownerReferences"][0]["kind"] for pod in plane.api.get(pods)["items"]}
    assert owners == {"ReplicaSet"}

    scale = plane.api.get(f"{deployments}/mail/scale")
    assert (scale["kind"], scale["spec"]["replicas"], scale["status"]["selector"]) == ("Scale", 2, "app=mail")
    # Without a version: the Deployment's own controller writes its status at any time.
    plane.api.merge(f"{deployments}/mail/scale", {"spec": {"replicas": 5}})
    eventually(lambda: plane.api.get(f"{deployments}/mail/scale")["status"]["replicas"] == 5, "5 replicas in the status")
    assert len(plane.api.get(pods)["items"]) == 5

    plane.api.delete(f"{deployments}/mail")
    eventually(lambda: not plane.api.get(pods)["items"], "the pods go with their owner")


def test_a_stale_write_is_a_conflict(plane, namespace):
    deployments = f"/apis/apps/v1/{namespace}/deployments"
    plane.api.create(deployments, deployment("mail", 0))
    scale = plane.api.get(f"{deployments}/mail/scale")
    plane.api.merge(f"{deployments}/mail", {"metadata": {"labels": {"changed": "yes"}}})
    with pytest.raises(Refused) as refused:
        plane.api.request("PUT", f"{deployments}/mail/scale", scale)
    assert (refused.value.status, refused.value.body["reason"]) == (409, "Conflict")


def test_compaction_makes_what_is_old_expire():
    """Where reads come from etcd: from its memory, as by default, the API server can answer for a while longer."""
    with ControlPlane(controllers=False, api_server_flags=["--watch-cache=false"]) as plane:
        maps = "/api/v1/namespaces/default/configmaps"
        for name in ("a", "b", "c"):
            version = plane.api.create(maps, {"metadata": {"name": name}})["metadata"]["resourceVersion"]
        page = f"{maps}?limit=1&continue={plane.api.get(f'{maps}?limit=1')['metadata']['continue']}"
        watch = f"{maps}?watch=true&timeoutSeconds=1&resourceVersion={version}"
        plane.api.create(maps, {"metadata": {"name": "d"}})
        assert plane.api.get(page)["items"]
        assert plane.api.get(watch)["type"] == "ADDED"

        plane.api.create(maps, {"metadata": {"name": "e"}})  # The newest change of all is never forgotten.
        plane.compact()
        with pytest.raises(Refused) as refused:
            plane.api.get(page)
        assert (refused.value.status, refused.value.body["reason"]) == (410, "Expired")
        event = plane.api.get(watch)
        assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


def test_two_planes_know_nothing_of_each_other_and_leave_nothing(plane):
    with ControlPlane(controllers=False) as other:
        folder, pids = other.folder, other.pids()
        assert set(pids) == {"etcd", "kube-apiserver"}
        other.api.create("/api/v1/namespaces/default/configmaps", {"metadata": {"name": "mine"}})
        with pytest.raises(Refused) as refused:
            plane.api.get("/api/v1/namespaces/default/configmaps/mine")
        assert refused.value.status == 404
    assert not folder.exists()
    assert not [name for name, pid in pids.items() if alive(pid)]


def test_the_logs_of_a_plane_that_cannot_start_are_kept(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(plane_module, "KEPT_LOGS", tmp_path)
    with pytest.raises(Ended, match="unknown flag: --no-such-flag"):
        ControlPlane(api_server_flags=["--no-such-flag"]).start()
    (kept,) = tmp_path.iterdir()
    assert {log.name for log in kept.iterdir()} == {"etcd.log", "kube-apiserver.log"}
    assert str(kept) in capfd.readouterr().err


def test_a_taken_port_is_no_reason_to_fail(monkeypatch):
    """The first choice falls on ports that somebody listens on; the second does not."""
    with ControlPlane(controllers=False) as first:
        taken = int(first.api.url.rpartition(":")[2])
        real, asked = plane_module.free_ports, []

        def ports(count):
            asked.append(count)
            return [taken] * count if len(asked) == 1 else real(count)

        monkeypatch.setattr(plane_module, "free_ports", ports)
        with ControlPlane(controllers=False) as second:
            assert len(asked) == 2
            assert second.api.get("/readyz") == "ok"


class Run:
    """`plane.py run` with a command that tells what it got and then waits for a line."""

    TELL = ("import json, os, sys; names = ('KUBECONFIG', 'TIDEWHEEL_TEST_KUBECONFIG', 'TIDEWHEEL_TEST_ETCD');"
            "print(json.dumps({'pid': os.getpid(), **{name: os.environ[name] for name in names}}), flush=True);"
            "sys.stdin.readline(); sys.exit(%d)")

    def __init__(self, logs, status=0):
        self.process = subprocess.Popen([*PLANE, "--without-controllers", "--", sys.executable, "-c", self.TELL % status],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, "CONTROL_PLANE_LOGS": str(logs)})
        self.told = json.loads(self.process.stdout.readline())
        self.folder = pathlib.Path(self.told["KUBECONFIG"]).parent
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        self.children = [int(pid) for pid in children]

    def assert_nothing_runs(self):
        eventually(lambda: not [pid for pid in self.children if alive(pid)], lambda: f"all of {self.children} end")


@pytest.mark.parametrize("status", [0, 3])
def test_run_ends_with_the_status_of_its_command(tmp_path, status):
    run = Run(tmp_path, status)
    assert run.told["pid"] in run.children and len(run.children) == 3
    config = json.loads(pathlib.Path(run.told["TIDEWHEEL_TEST_KUBECONFIG"]).read_text())
    assert config["clusters"][0]["cluster"]["server"].startswith("https://127.0.0.1:")
    _, errors = run.process.communicate("\n", timeout=60)
    assert run.process.returncode == status
    assert not run.folder.exists()
    kept = list(tmp_path.iterdir())
    assert len(kept) == (1 if status else 0)
    assert all(str(folder) in errors for folder in kept)
    run.assert_nothing_runs()


def test_run_ends_everything_on_sigterm(tmp_path):
    run = Run(tmp_path)
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(60) == 128 + signal.SIGTERM
    assert not run.folder.exists()
    run.assert_nothing_runs()


def test_nothing_runs_on_when_run_is_killed(tmp_path):
    run = Run(tmp_path)
    run.process.kill()
    run.process.wait(60)
    run.assert_nothing_runs()
    shutil.rmtree(run.folder)
