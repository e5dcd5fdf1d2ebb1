// Numbers, ages and times as text for people.

const withDecimals = (digits) => new Intl.NumberFormat("en", {maximumFractionDigits: digits});
const byDecimals = [0, 1, 2].map(withDecimals);
const precise = new Intl.NumberFormat("en", {maximumSignificantDigits: 3});
const compact = new Intl.NumberFormat("en", {notation: "compact", maximumSignificantDigits: 4});

export const NOTHING = "–";

export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  if (size >= 1e6) return compact.format(value);
  if (size > 0 && size < 0.001) return value.toExponential(2);
  if (size < 1) return precise.format(value);
  return byDecimals[size < 100 ? 2 : size < 10000 ? 1 : 0].format(value);
}

export function axisNumber(value) {
  return Math.abs(value) >= 1e4 ? compact.format(value) : number(value);
}

export function span(seconds) {
  if (!Number.isFinite(seconds)) return NOTHING;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d`;
}

export function clock(ms, withSeconds = true) {
  const options = {hour: "2-digit", minute: "2-digit", hourCycle: "h23"};
  if (withSeconds) options.second = "2-digit";
  return new Date(ms).toLocaleTimeString([], options);
}

export function dateAndClock(ms) {
  const date = new Date(ms);
  if (date.toDateString() === new Date().toDateString()) return clock(ms);
  return `${date.toLocaleDateString([], {month: "short", day: "numeric"})} ${clock(ms)}`;
}

export function count(n, one, many = `${one}s`) {
  return `${byDecimals[0].format(n)} ${n === 1 ? one : many}`;
}

export const STATE_WORDS = {
  value: "fresh",
  absent: "absent",
  stale: "stale",
  error: "error",
  not_a_number: "not a number",
};
