"""Starting, and refusing to start: a status that is not 0, each problem with file, line and field, nothing half applied."""

import re
import socket

import pytest

from harness import HERE, eventually, processes_marked, scaled

GOOD = scaled("mail", "queue_depth", "last_one", 10, min_replicas=1, window="5s")

# Name, what replaces what in GOOD, what its line must say. The line is that of the replacement.
BAD = [
    ("unknown key", ("  maxReplicaCount: 10", "  maxReplicas: 10"), "maxReplicas"),
    ("wrong type", ("  cooldownPeriod: 1", "  cooldownPeriod: soon"), "cooldownPeriod"),
    ("unquoted number in metadata", ('        targetValue: "10"', "        targetValue: 10"), "targetValue"),
    ("not YAML", ("  maxReplicaCount: 10", "  maxReplicaCount: [10"), ""),
    ("unknown kind", ("kind: Deployment", "kind: Deploymint"), "Deploymint"),
    ("unknown trigger type", ("    - type: kedify-otel", "    - type: kedify-hotel"), "kedify-hotel"),
    ("a bad query", ("        metricQuery: queue_depth", "        metricQuery: sum(queue_depth"), "metricQuery"),
    ("a container without a command", ('          command: ["sh", "-c", "while :; do sleep 1000 & wait; done"]', ""),
     "command"),
]


@pytest.mark.parametrize("name,change,wanted", BAD, ids=[row[0] for row in BAD])
def test_a_bad_manifest_is_refused_with_file_and_line(tidewheel, name, change, wanted):
    old, new = change
    assert GOOD.count(old) == 1
    one = tidewheel(GOOD.replace(old, new))
    done = one.run()
    assert done.returncode not in (0, -6, -11), done
    where = re.search(r"0\.yaml:(\d+)", done.stderr)
    assert where and wanted in done.stderr, done.stderr
    if new and name != "not YAML":
        lines = (one.manifests / "0.yaml").read_text().splitlines()
        assert new in lines[int(where.group(1)) - 1], done.stderr
    assert not processes_marked(one.mark)


def test_every_problem_is_told_at_once(tidewheel):
    one = tidewheel(GOOD.replace("cooldownPeriod: 1", "cooldownPeriod: soon"),
                    GOOD.replace("name: mail", "name: post").replace("maxReplicaCount", "maxReplicas"))
    done = one.run()
    assert done.returncode != 0
    assert "0.yaml:" in done.stderr and "1.yaml:" in done.stderr, done.stderr


def test_a_name_given_twice_is_refused(tidewheel):
    done = tidewheel(GOOD, GOOD).run()
    assert done.returncode != 0
    assert "1.yaml:" in done.stderr and "mail" in done.stderr, done.stderr


def test_two_objects_on_one_workload_are_refused_with_both_names(tidewheel):
    second = GOOD[GOOD.index("---\n"):].replace("  name: mail\n", "  name: post\n", 1)
    done = tidewheel(GOOD + second).run()
    assert done.returncode != 0
    assert "mail" in done.stderr and "post" in done.stderr, done.stderr


@pytest.mark.parametrize("port", ["otlp", "scaler", "rest", "metrics"])
def test_a_port_in_use_ends_the_start_with_one_line(tidewheel, port):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        one = tidewheel(GOOD)
        done = one.run(f"--{port}-port", str(number))
    assert done.returncode not in (0, -6, -11), done
    assert [line for line in done.stderr.splitlines() if str(number) in line], done.stderr
    one.assert_nothing_left()


@pytest.mark.parametrize("what", ["a file where the folder should be", "a damaged journal"])
def test_an_unusable_data_folder_ends_the_start_with_one_line(tidewheel, what):
    one = tidewheel(GOOD)
    if what.startswith("a file"):
        one.data.write_text("not a folder")
    else:
        one.start().stop()
        journals = [path for path in one.data.rglob("*") if path.is_file() and path.read_bytes()[:6] == b"SQLite"]
        assert journals
        for path in one.data.rglob("*-wal"):
            path.unlink()
        journals[0].write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)
    done = one.run()
    assert done.returncode not in (0, -6, -11), done
    assert str(one.data) in done.stderr, done.stderr
    one.assert_nothing_left()


def test_an_edited_manifest_takes_effect(tidewheel):
    one = tidewheel(GOOD).start()
    one.wait_replicas("mail", 1)
    one.write("0.yaml", GOOD.replace("$MARK$", one.mark).replace("minReplicaCount: 1", "minReplicaCount: 3"))
    one.wait_replicas("mail", 3)


def test_a_bad_edit_changes_nothing(tidewheel):
    one = tidewheel(GOOD).start()
    one.wait_replicas("mail", 1)
    one.write("0.yaml", GOOD.replace("$MARK$", one.mark).replace("minReplicaCount: 1", "minReplicaCount: many"))
    eventually(lambda: "0.yaml:" in one.log(), one.log)
    one.hold_replicas("mail", 1, 2)
    assert one.object("mail")["minReplicas"] == 1
