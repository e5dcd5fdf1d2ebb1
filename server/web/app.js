// Starts the page: which view the address asks for, and keeping it in step with what is known.

import {live} from "./api.js";
import {setText} from "./dom.js";
import {clock} from "./format.js";
import {ApiView} from "./view_api.js";
import {MetricsView} from "./view_metrics.js";
import {ObjectView} from "./view_object.js";
import {ObjectsView} from "./view_objects.js";

const REDRAW_MS = 1000;  // time passes on the axes even when nothing happens
const REDRAW_SOONEST_MS = 250;

const content = document.getElementById("content");
const banner = document.getElementById("banner");
const connection = document.getElementById("connection");
let view = null;

// "#/objects/shop/mail" -> its view; anything unknown is the list.
function makeView() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  if (name === "objects" && rest.length === 2) return ["objects", new ObjectView(...rest)];
  if (name === "metrics") return ["metrics", new MetricsView()];
  if (name === "api") return ["api", new ApiView()];
  return ["objects", new ObjectsView()];
}

function route() {
  const moved = view !== null;
  view?.close?.();
  const [name, next] = makeView();
  view = next;
  content.replaceChildren(view.element);
  document.title = `${view.title} · Tidewheel`;
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === name)
      link.setAttribute("aria-current", "page");
    else
      link.removeAttribute("aria-current");
  }
  if (!moved) return;
  window.scrollTo(0, 0);
  content.focus({preventScroll: true});
}

let lastDraw = 0;
let drawing = null;

function redraw() {
  clearTimeout(drawing);
  drawing = null;
  lastDraw = Date.now();
  if (!document.hidden) view.update();
}

// However many events arrive, the page is drawn a few times a second.
function redrawSoon() {
  drawing ??= setTimeout(redraw, Math.max(0, lastDraw + REDRAW_SOONEST_MS - Date.now()));
}

function showConnection() {
  connection.dataset.state = live.connected ? "live" : "lost";
  setText(connection.lastElementChild, live.connected ? "live" : "no connection");
  banner.hidden = live.connected;
  if (live.connected) return;
  setText(
      banner,
      live.lastHeard ?
          `Connection lost. What you see is from ${clock(live.lastHeard)}; trying again.` :
          "No connection to Tidewheel yet; trying again.");
}

window.addEventListener("hashchange", route);
document.addEventListener("visibilitychange", redraw);
live.addEventListener("objects", redrawSoon);
live.addEventListener("connection", showConnection);
live.addEventListener("resynced", () => view.resynced?.());
live.addEventListener("decision", (event) => view.decision?.(event.detail));
setInterval(redraw, REDRAW_MS);
route();
live.start();
