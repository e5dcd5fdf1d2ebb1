// What arrives: the metrics by how many samples they hold, and a place to try a metricQuery.

import {fetchJson} from "./api.js";
import {h, setText} from "./dom.js";
import {count, number, span, STATE_WORDS} from "./format.js";

const REFRESH_MS = 5000;
const OPERATIONS = ["last_one", "min", "max", "avg", "count", "rate"];

export class MetricsView {
  title = "Metrics";

  constructor() {
    this.summary = h("p", {class: "summary"});
    this.rows = h("tbody");
    this.table =
        h("div", {class: "scroll"},
          h("table", {},
            h("thead", {},
              h("tr", {}, h("th", {scope: "col"}, "metric"),
                h("th", {scope: "col", class: "number"}, "series"),
                h("th", {scope: "col", class: "number"}, "samples"))),
            this.rows));
    this.empty =
        h("p", {class: "muted", hidden: true},
          "No metric has arrived yet. Point an OpenTelemetry SDK or collector at the OTLP port.");
    this.element =
        h("div", {}, h("div", {class: "view-head"}, h("h1", {}, "Metrics"), this.summary),
          h("section", {class: "card"}, h("h2", {}, "Try a query"), this.form()),
          h("section", {class: "card"}, h("h2", {}, "Most samples"), this.table, this.empty));
    this.refresh();
    this.timer = setInterval(() => document.hidden || this.refresh(), REFRESH_MS);
  }

  close() { clearInterval(this.timer); }

  form() {
    this.query = h("input", {
      id: "query",
      type: "text",
      required: true,
      spellcheck: "false",
      autocapitalize: "off",
      placeholder: "sum(queue_depth{queue=\"mail\"})"
    });
    this.operation =
        h("select", {id: "operation"}, OPERATIONS.map((name) => h("option", {}, name)));
    this.window = h("input", {id: "window", type: "text", placeholder: "retention", size: "8"});
    this.answer = h("p", {class: "answer", role: "status"});
    const field = (label, input) => h("div", {class: "field"}, h("label", { for: input.id
                                      }, label), input);
    return h(
        "form", {class: "query-form", onsubmit: (event) => this.ask(event)},
        field("metricQuery", this.query), field("operation over time", this.operation),
        field("window", this.window), h("button", {type: "submit"}, "Evaluate"), this.answer);
  }

  async ask(event) {
    event.preventDefault();
    const parameters =
        new URLSearchParams({query: this.query.value, operationOverTime: this.operation.value});
    if (this.window.value.trim()) parameters.set("window", this.window.value.trim());
    try {
      const answer = await fetchJson(`/api/v1/query?${parameters}`);
      const value = answer.state === "value" ? number(answer.value) : STATE_WORDS[answer.state];
      const age =
          answer.ageSeconds === null ? "" : `, newest sample ${span(answer.ageSeconds)} old`;
      this.answer.replaceChildren(
          h("strong", {}, value), ` from ${answer.series} of ${answer.matched} series${age}`);
      this.answer.dataset.tone = answer.state === "value" ? "good" : "warn";
    } catch (error) {
      setText(this.answer, error.message);
      this.answer.dataset.tone = "bad";
    }
  }

  async refresh() {
    const top = await fetchJson("/api/v1/top?limit=100").catch(() => null);
    if (!top) return;
    setText(
        this.summary,
        `${count(top.store.metrics, "metric")} · ${count(top.store.series, "series", "series")}`);
    this.empty.hidden = top.metrics.length > 0;
    this.table.hidden = !top.metrics.length;
    this.rows.replaceChildren(...top.metrics.map(
        (metric) =>
            h("tr", {},
              h("td", {},
                h("button",
                  {type: "button", class: "link mono", onclick: () => this.pick(metric.name)},
                  metric.name)),
              h("td", {class: "number"}, number(metric.series)),
              h("td", {class: "number"}, number(metric.samples)))));
  }

  pick(name) {
    this.query.value = `sum(${name})`;
    this.query.focus();
  }

  update() {}
}
