// The REST API, drawn from its own OpenAPI document.

import {fetchJson} from "./api.js";
import {h} from "./dom.js";

function parameterList(parameters) {
  return h(
      "dl", {class: "parameters"},
      parameters.map(
          (p) =>
              h("div", {},
                h("dt", {}, h("code", {}, p.name),
                  p.required ? h("span", {class: "tag"}, "required") : null),
                h("dd", {class: "muted"}, p.in === "path" ? "part of the path" : p.description))));
}

function operation(path, method, described) {
  const title = method === "get" && !path.includes("{") ? h("a", {href: path}, path) : path;
  return h(
      "section", {class: "card operation"},
      h("h2", {class: "mono"}, h("span", {class: "tag"}, method.toUpperCase()), " ", title),
      h("p", {}, described.summary),
      described.parameters ? parameterList(described.parameters) : null);
}

export class ApiView {
  title = "API";
  list = h("div", {}, h("p", {class: "muted"}, "Loading…"));
  element = h(
      "div", {},
      h("div", {class: "view-head"}, h("h1", {}, "API"),
        h("p", {class: "summary"}, "What this page shows, curl can fetch. The whole description: ",
          h("a", {href: "/openapi.json"}, "openapi.json"))),
      this.list);

  constructor() { this.load(); }

  async load() {
    try {
      const document = await fetchJson("/openapi.json");
      this.list.replaceChildren(
          ...Object.entries(document.paths)
              .flatMap(
                  ([path, methods]) => Object.entries(methods).map(
                      ([method, described]) => operation(path, method, described))));
    } catch (error) {
      this.list.replaceChildren(h("p", {class: "muted"}, error.message));
    }
  }

  update() {}
}
