"""Why an object has the replicas it has: the same on the page, in `explain`, in the API and in our own metrics."""

import json
import re

import pytest

from browser import PROGRAM, Browser
from harness import eventually, scaled

QUEUE = scaled("mail", 'sum(queue_depth{queue="mail"})', "last_one", 10)

needs_browser = pytest.mark.skipif(not PROGRAM, reason="needs a browser: apt-get install chromium")


def scaled_to_the_ceiling(tidewheel, sender):
    """A Tidewheel whose object `mail` was asked for 50 replicas and may have 10."""
    one = tidewheel(QUEUE).start()
    gauge = sender("python", "grpc", one.ports["otlp"], "gauge", "queue_depth", "queue=mail")
    gauge.say("set 500")
    one.wait_replicas("mail", 10)
    return one


def test_explain_names_everything_behind_the_last_change(tidewheel, sender):
    one = scaled_to_the_ceiling(tidewheel, sender)
    told = one.cli("explain", "default/mail")
    for wanted in ["mail", "signal", "500", "10", "50", "max"]:
        assert re.search(rf"\b{wanted}\b", told), f"{wanted} is not in\n{told}"
    assert "age" in told or "ago" in told, told

    shown = one.trigger("mail")
    assert (shown["state"], shown["value"], shown["target"], shown["proposal"]) == ("value", 500, 10, 50)
    assert shown["ageSeconds"] < 60
    change = next(d["decision"] for d in one.decisions("mail") if d["decision"]["to"] == 10 != d["decision"]["from"])
    assert any(clamp["kind"] == "max" for clamp in change["clamps"])


def test_explain_answers_for_the_past(tidewheel, sender):
    one = scaled_to_the_ceiling(tidewheel, sender)
    change = next(d["decision"] for d in one.decisions("mail") if d["decision"]["to"] == 10 != d["decision"]["from"])
    told = one.cli("explain", "default/mail", "--at", change["at"])
    assert re.match(r"default/mail at \S+ \(.* ago\): 10 replicas: ", told), told
    assert "in force since" in told and "max: 50 -> 10" in told, told
    shown = json.loads(one.cli("explain", "default/mail", "--at", change["at"], "--json"))
    assert shown["decisions"][0]["decision"] == change
    assert "no decision yet" in one.cli("explain", "default/mail", "--at", "1h")


def test_get_top_and_query_answer(tidewheel, sender):
    one = scaled_to_the_ceiling(tidewheel, sender)
    assert "mail" in one.cli("get")
    assert "queue_depth" in one.cli("top")
    assert "500" in one.cli("query", 'sum(queue_depth{queue="mail"})')


def test_own_metrics_carry_the_object(tidewheel, sender):
    one = scaled_to_the_ceiling(tidewheel, sender)
    assert one.metric("tidewheel_object_replicas", scaledObject="mail") == 10
    assert one.metric("tidewheel_trigger_value", scaledObject="mail", trigger="signal") == 500
    assert one.metric("tidewheel_trigger_state", scaledObject="mail", trigger="signal", state="value") == 1


@needs_browser
@pytest.mark.parametrize("width,dark", [(1280, False), (390, True)], ids=["wide and light", "narrow and dark"])
def test_the_page_shows_the_object_and_its_last_reason(tidewheel, sender, width, dark):
    one = scaled_to_the_ceiling(tidewheel, sender)
    reason = one.decisions("mail")[0]["decision"]["reason"]
    with Browser(width=width, dark=dark) as browser:
        browser.open(one.url("/"))
        eventually(lambda: "mail" in browser.text(), "the object's name on the page")
        eventually(lambda: reason in " ".join(browser.text().split()), lambda: f"{reason!r} in\n{browser.text()}")
        assert re.search(r"\b500\b", browser.text()), browser.text()
        assert browser.evaluate("document.documentElement.scrollWidth") <= width, "it scrolls sideways"

        browser.open(one.url("/#/objects/default/mail"))
        for wanted in ["signal", "s old", "500", "10", "50", "max replicas is 10", reason]:
            eventually(lambda: wanted in " ".join(browser.text().split()), lambda: f"{wanted!r} in\n{browser.text()}")
        assert browser.evaluate("document.documentElement.scrollWidth") <= width, "it scrolls sideways"


@needs_browser
def test_the_page_shows_that_a_trigger_is_stale(tidewheel, sender):
    one = tidewheel(QUEUE, retention=2).start()
    gauge = sender("go", "http/protobuf", one.ports["scaler"], "gauge", "queue_depth", "queue=mail")
    gauge.say("set 35")
    one.wait_replicas("mail", 4)
    with Browser() as browser:
        browser.open(one.url("/"))
        eventually(lambda: "mail" in browser.text(), "the object's name on the page")
        gauge.stop()
        eventually(lambda: "stale" in browser.text().lower(), browser.text)
