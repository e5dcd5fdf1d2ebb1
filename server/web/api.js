// Talking to Tidewheel: requests, and one live copy of every object kept in step by server-sent
// events.

export async function fetchJson(path) {
  const response = await fetch(path, {headers: {accept: "application/json"}});
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.error || `${response.status} ${response.statusText}`);
  return body;
}

export const keyOf = (object) => `${object.namespace}/${object.name}`;

export const objectPath = (object) =>
    `/api/v1/objects/${encodeURIComponent(object.namespace)}/${encodeURIComponent(object.name)}`;

const RETRY_MS = 4000;
const LIVE_SAMPLES_MAX = 2000;
const LIVE_SPACING_MS = 400;

// What is known now. Listeners hear "objects", "decision" (with the record) and "connection".
class Live extends EventTarget {
  objects = new Map();
  samples = new Map();  // per object and trigger: what arrived since the page was opened
  connected = false;
  loaded = false;
  lastHeard = null;
  clockOffset = 0;  // the server's clock minus ours, in ms

  now() { return Date.now() + this.clockOffset; }

  start() {
    const source = new EventSource("/api/v1/events");
    source.onopen = () => this.reload();
    source.onerror = () => {
      this.setConnected(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.start(), RETRY_MS);
    };
    const on = (name, handle) => source.addEventListener(name, (event) => {
      this.lastHeard = Date.now();
      handle(JSON.parse(event.data));
    });
    on("object", (object) => this.take(object));
    on("removed", (object) => this.drop(keyOf(object)));
    on("decision", (record) => this.dispatchEvent(new CustomEvent("decision", {detail: record})));
    on("resync", () => this.reload());
  }

  async reload() {
    try {
      const list = await fetchJson("/api/v1/objects");
      this.clockOffset = Date.parse(list.now) - Date.now();
      this.lastHeard = Date.now();
      const known = new Set(list.items.map(keyOf));
      for (const key of [...this.objects.keys()])
        if (!known.has(key)) this.drop(key);
      this.loaded = true;
      list.items.forEach((object) => this.take(object));
      this.setConnected(true);
      this.tell("objects");
      this.tell("resynced");
    } catch {
      this.setConnected(false);
    }
  }

  take(object) {
    object.receivedAt = this.now();
    this.objects.set(keyOf(object), object);
    object.triggers.forEach((trigger) => this.sample(object, trigger));
    this.tell("objects");
  }

  drop(key) {
    const object = this.objects.get(key);
    object?.triggers.forEach((trigger) => this.samples.delete(`${key}/${trigger.index}`));
    this.objects.delete(key);
    this.tell("objects");
  }

  sample(object, trigger) {
    const key = `${keyOf(object)}/${trigger.index}`;
    const line = this.samples.get(key) || [];
    this.samples.set(key, line);
    const point = pointOf(object, trigger, object.receivedAt);
    const before = line.at(-1);
    if (before && point.at - before.at < LIVE_SPACING_MS && sameLevel(before, point)) line.pop();
    line.push(point);
    if (line.length > LIVE_SAMPLES_MAX) line.shift();
  }

  samplesOf(object, trigger) { return this.samples.get(`${keyOf(object)}/${trigger.index}`) || []; }

  setConnected(connected) {
    this.connected = connected;
    this.tell("connection");
  }

  tell(name) { this.dispatchEvent(new Event(name)); }
}

const sameLevel = (a, b) => a.replicas === b.replicas && a.state === b.state;

export function pointOf(object, trigger, at) {
  return {
    at,
    live: true,
    state: trigger.state,
    value: trigger.value,
    target: trigger.target,
    replicas: object.replicas ?? 0
  };
}

// The trigger's line from the server's memory; `at` in ms.
export async function fetchPoints(object, trigger, seconds) {
  const list =
      await fetchJson(`${objectPath(object)}/points?trigger=${trigger.index}&from=${seconds}s`);
  return list.items.map((point) => ({...point, at: Date.parse(point.at)}));
}

export const live = new Live();

// How old the trigger's newest sample is now; the event said how old it was then.
export function ageOf(object, trigger) {
  if (trigger.newest === null) return null;
  return (live.now() - Date.parse(trigger.newest)) / 1000;
}

export const hasProblem = (object) => object.problems.length > 0;
export const lacksData = (object) => object.triggers.some((trigger) => trigger.state !== "value");

// Problems first, then missing data, then by name.
export function byUrgency(a, b) {
  const rank = (object) => (hasProblem(object) ? 0 : lacksData(object) ? 1 : 2);
  return rank(a) - rank(b) || keyOf(a).localeCompare(keyOf(b));
}
