// The console: shows one user's lists, sends events and measures how soon the list changes, and draws the system's figures.
// Everything from outside is put into the page as text, never as markup.
"use strict";

const placesShown = 20;
const touchesShown = 5;
const similarShown = 10;
const waitMs = 5000;
const chartPoints = 120;
const qualityMs = 5000;
const followAgainMs = 10000;

const state = { user: null, generation: null, sendsEvents: false, places: new Map(), request: 0, charts: {} };
const byId = (id) => document.getElementById(id);

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function say(text, isBad) {
  const message = byId("message");
  message.textContent = text;
  message.classList.toggle("bad", Boolean(isBad));
}

async function get(path) {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.detail || `the gateway answered ${response.status}`);
  return body;
}

function userPath(user, rest) {
  return `v1/recommendations/${encodeURIComponent(user)}${rest}`;
}

// --- One user -----------------------------------------------------------------------------------------------------------

function age(ms) {
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} d ago`;
}

function why(place) {
  if (place.cause) return `like ${place.cause.item_id} (${place.cause.event}), ${place.similarity.toFixed(2)}`;
  return `number ${place.source_place} of its list`;
}

function itemButton(item, className, cells) {
  const button = element("button", className);
  button.type = "button";
  button.dataset.item = item;
  for (const [name, text] of cells) button.append(element("span", name, text));
  button.addEventListener("click", () => sendEvent(item));
  return button;
}

function showBlended(answer) {
  const before = state.places;
  const isSameUser = state.shownUser === answer.user_id;
  state.places = new Map(answer.recommendations.map((place) => [place.item_id, place.place]));
  state.shownUser = answer.user_id;
  const rows = answer.recommendations.map((place) => {
    const row = element("li");
    const was = before.get(place.item_id);
    const isMoved = isSameUser && was !== place.place;
    const move = !isSameUser || !isMoved ? "" : was === undefined ? " · new" : ` · was ${was}`;
    const button = itemButton(place.item_id, place.source + (isMoved ? " moved" : ""), [
      ["place", String(place.place)], ["id", place.item_id], ["source", place.source], ["why", why(place) + move],
    ]);
    row.append(button);
    return row;
  });
  byId("blended").replaceChildren(...rows);
  byId("served").textContent = `generation ${answer.generation}, ${answer.blend}, served by ${answer.served_by}`;
}

function showOffline(answer) {
  const items = answer.recommendations.filter((place) => place.source === "offline");
  const rows = items.map((place) => {
    const row = element("li");
    row.append(itemButton(place.item_id, "offline", [
      ["place", String(place.source_place)], ["id", place.item_id], ["source", "offline"], ["why", place.score.toFixed(3)],
    ]));
    return row;
  });
  byId("offline").replaceChildren(
    ...(rows.length ? rows : [element("p", "empty", "This user has no offline list in this generation.")]));
}

async function showOnline(answer) {
  const touches = answer.touched.slice(0, touchesShown);
  const lists = await Promise.all(touches.map((touch) =>
    get(`v1/items/${encodeURIComponent(touch.item_id)}/similar?k=${similarShown}`).catch(() => ({ similar: [] }))));
  const cards = touches.map((touch, index) => {
    const card = element("div", "touch");
    const used = touch.used ? "" : ", too old to count";
    card.append(element("h3", "", `${touch.item_id}, ${touch.event}, ${age(touch.ts)}${used}`));
    const chips = element("ul", "chips");
    for (const similar of lists[index].similar || lists[index].items || []) {
      const chip = element("li");
      const score = similar.score === undefined ? "" : ` ${similar.score.toFixed(2)}`;
      const button = element("button", "", `${similar.item_id}${score}`);
      button.type = "button";
      button.addEventListener("click", () => sendEvent(similar.item_id));
      chip.append(button);
      chips.append(chip);
    }
    card.append(chips.children.length ? chips : element("p", "empty", "No similar items are known."));
    return card;
  });
  byId("online").replaceChildren(
    ...(cards.length ? cards : [element("p", "empty", "No touches yet: send an event and watch.")]));
}

async function showUser(user, options = {}) {
  const request = ++state.request;
  state.user = user;
  byId("user").value = user;
  // At the start, not at the end: what is said meanwhile (of a click, say) must stay.
  if (!options.after) say("");
  try {
    const after = options.after ? `&after=${options.after}&wait_ms=${waitMs}` : "";
    const answer = await get(userPath(user, `?k=${placesShown}&explain=true${after}`));
    if (request !== state.request) return null;
    const shownAt = performance.now();
    showBlended(answer);
    state.generation = answer.generation;
    const offline = await get(userPath(user, `/offline?k=${placesShown}&explain=true`));
    if (request !== state.request) return null;
    showOffline(offline);
    await showOnline(answer);
    return { answer, shownAt };
  } catch (error) {
    if (request === state.request) say(error.message, true);
    return null;
  }
}

async function sendEvent(item) {
  if (!state.user) return say("Pick a user first.", true);
  if (!state.sendsEvents) return say("Sending events is switched off here (CONSOLE=on).", true);
  const event = document.querySelector("input[name=event]:checked").value;
  const focused = document.activeElement && document.activeElement.dataset.item;
  const sentAt = performance.now();
  say(`${event} of ${item} …`);
  try {
    const response = await fetch("v1/console/events", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user_id: state.user, item_id: item, event }),
    });
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(body.detail || `the gateway answered ${response.status}`);
    const before = Array.from(state.places.keys());
    const shown = await showUser(state.user, { after: body.stream_id });
    if (!shown) return;
    const places = shown.answer.recommendations;
    const changed = places.filter((place, index) => before[index] !== place.item_id).length;
    const took = (shown.shownAt - sentAt).toFixed(1);
    say(shown.answer.stale
      ? `${event} of ${item} has not come to show after ${waitMs} ms; the list is as it was.`
      : `${event} of ${item}: the new list was here after ${took} ms, ${changed} of ${places.length} places changed.`,
      shown.answer.stale);
    byId("message").dataset.milliseconds = took;
    if (focused) refocus(focused);
  } catch (error) {
    say(error.message, true);
  }
}

// The list was drawn anew, so the focus would be lost: it goes to the same item, or to the first place.
function refocus(item) {
  const buttons = Array.from(byId("blended").querySelectorAll("button"));
  (buttons.find((button) => button.dataset.item === item) || buttons[0])?.focus();
}

// --- Picking ------------------------------------------------------------------------------------------------------------

async function loadUsers() {
  const { users, sends_events: sendsEvents } = await get("v1/console/users?count=50");
  state.sendsEvents = sendsEvents;
  byId("sending").hidden = !sendsEvents;
  for (const part of document.querySelectorAll(".other")) part.hidden = !sendsEvents;
  byId("users").replaceChildren(...users.map((user) => {
    const option = element("option");
    option.value = user;
    return option;
  }));
  return users;
}

byId("picker").addEventListener("submit", (event) => {
  event.preventDefault();
  const user = byId("user").value.trim();
  if (user) showUser(user); else say("Type a user id first.", true);
});

byId("random").addEventListener("click", async () => {
  try {
    const users = await loadUsers();
    if (!users.length) return say("Nobody has been active yet. Type any user id, and send an event.", true);
    await showUser(users[Math.floor(Math.random() * users.length)]);
  } catch (error) {
    say(error.message, true);
  }
});

byId("send").addEventListener("click", () => {
  const item = byId("item").value.trim();
  if (item) sendEvent(item); else say("Type an item id first.", true);
});

byId("item").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  byId("send").click();
});

// Arrows go through a list's items.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const list = document.activeElement.closest && document.activeElement.closest(".items, .chips");
  if (!list) return;
  const buttons = Array.from(list.querySelectorAll("button"));
  const next = buttons[buttons.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// --- The system's figures -----------------------------------------------------------------------------------------------

function number(value, digits) {
  return value === null || value === undefined ? "–" : value.toFixed(digits ?? (value < 10 ? 2 : value < 100 ? 1 : 0));
}

function draw(id, value) {
  const points = state.charts[id] || (state.charts[id] = []);
  points.push(value ?? 0);
  if (points.length > chartPoints) points.shift();
  const most = Math.max(...points, 1e-9);
  const chart = byId(id);
  chart.setAttribute("viewBox", `0 0 ${chartPoints} 30`);
  chart.setAttribute("preserveAspectRatio", "none");
  let line = chart.firstChild;
  if (!line) {
    line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    chart.append(line);
  }
  const from = chartPoints - points.length;
  line.setAttribute("points", points.map((point, index) => `${from + index},${29 - (point / most) * 28}`).join(" "));
}

function drawSources(items) {
  const total = items.online + items.offline + items.popular;
  byId("sources").textContent = total
    ? ["online", "offline", "popular"].map((name) => `${Math.round((items[name] / total) * 100)} % ${name}`).join(", ") : "–";
  const chart = byId("chart-sources");
  chart.setAttribute("viewBox", "0 0 100 10");
  chart.setAttribute("preserveAspectRatio", "none");
  let from = 0;
  chart.replaceChildren(...["online", "offline", "popular"].map((name) => {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const width = total ? (items[name] / total) * 100 : 0;
    bar.setAttribute("class", name);
    bar.setAttribute("x", from);
    bar.setAttribute("width", width);
    bar.setAttribute("height", 10);
    from += width;
    return bar;
  }));
}

function showFigures(figures) {
  byId("rate").textContent = number(figures.requests_per_second);
  byId("p99").textContent = number(figures.request_p99_ms);
  byId("freshness").textContent = number(figures.freshness_p99_ms);
  byId("events").textContent = number(figures.events_per_second);
  byId("lag").textContent = figures.lag ?? "–";
  byId("pending").textContent = figures.pending ?? "–";
  draw("chart-rate", figures.requests_per_second);
  draw("chart-p99", figures.request_p99_ms);
  draw("chart-freshness", figures.freshness_p99_ms);
  drawSources(figures.items);
  byId("generation").textContent = figures.generation ?? "–";
  byId("age").textContent = figures.loaded_at_ms ? `loaded ${age(figures.loaded_at_ms)}` : "";
  byId("release").textContent = figures.release || "";
  byId("instances").textContent = figures.instances === null
    ? "" : `${figures.instances_on_generation} of ${figures.instances} instances serve it`;
  const reload = figures.reload;
  byId("reload").textContent = reload ? `${reload.request.split(" ")[0]}: ${reload.state}${reload.reason ? `, ${reload.reason}` : ""}` : "–";
  showTraining(figures.training);
  const worst = Object.entries(figures.served_by).filter(([rung, count]) => rung !== "full" && count > 0).map(([rung]) => rung);
  const connection = byId("connection");
  connection.textContent = figures.lag === null ? "live, but Redis is away" : worst.length ? `live, some answers from: ${worst.join(", ")}` : "live";
  connection.classList.toggle("away", figures.lag === null);
  if (state.user && state.generation !== null && figures.generation !== null && figures.generation !== state.generation) showUser(state.user);
}

function showTraining(run) {
  const isRunning = run && (run.state === "running" || run.state === "pending");
  byId("training").textContent = !run ? "–"
    : isRunning ? `${run.state === "pending" ? "waits" : `${run.percent} % ${run.step}`} ${run.detail}`
      : `${run.state}${run.error ? `: ${run.error}` : ""}`;
  byId("training-progress").hidden = !isRunning;
  byId("training-progress").value = run ? run.percent : 0;
}

// --- Live quality -------------------------------------------------------------------------------------------------------

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function percent(value) {
  return value === null || value === undefined ? "–" : `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;
}

function drawSourceBars(sources) {
  const most = Math.max(...sources.map((row) => row.hit_rate ?? 0), 1e-9);
  byId("quality-sources").replaceChildren(...sources.flatMap((row) => {
    const bar = shape("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
    bar.append(shape("rect", { class: row.source, width: ((row.hit_rate ?? 0) / most) * 100, height: 10 }));
    const track = element("dd", "track");
    track.append(bar);
    return [element("dt", "", row.source), track, element("dd", "value", `${percent(row.hit_rate)}, ${row.hits} hits`)];
  }));
}

function drawPlaces(places) {
  const chart = byId("chart-places");
  chart.setAttribute("viewBox", `0 0 ${places.length * 10} 100`);
  chart.setAttribute("preserveAspectRatio", "none");
  const most = Math.max(...places.map((row) => row.hit_rate ?? 0), 1e-9);
  chart.replaceChildren(...places.flatMap((row, index) => {
    let top = 100;
    return ["online", "offline", "popular"].map((source) => {
      const height = row.shown ? (row[source] / row.shown / most) * 98 : 0;
      top -= height;
      const bar = shape("rect", { class: source, x: index * 10 + 1, y: top, width: 8, height });
      bar.append(shape("title", {}, `place ${row.place}: ${row.hits} hits of ${row.shown}, ${row[source]} ${source}`));
      return bar;
    });
  }));
  const best = places.reduce((left, right) => ((right.hit_rate ?? 0) > (left.hit_rate ?? 0) ? right : left));
  chart.setAttribute("aria-label", `hits by place; most in place ${best.place}, ${percent(best.hit_rate)} of the lists`);
}

// Both shares with their intervals; what users prefer lies between the two points.
function drawContest(contest) {
  const chart = byId("chart-contest");
  const width = Math.max(chart.clientWidth, 100);
  chart.setAttribute("viewBox", `0 0 ${width} 58`);
  const x = (share) => 4 + share * (width - 8);
  const rows = [["online stands higher", contest.online_first, 18], ["offline stands higher", contest.offline_first, 46]];
  const parts = [shape("line", { class: "half", x1: x(0.5), x2: x(0.5), y1: 0, y2: 58 })];
  for (const [label, share, y] of rows) {
    parts.push(shape("text", { x: 4, y: y - 8 }, `${label}: ${percent(share.online_share)} online`));
    if (share.online_share === null) continue;
    if (share.low !== null) parts.push(shape("line", { x1: x(share.low), x2: x(share.high), y1: y, y2: y }));
    parts.push(shape("circle", { cx: x(share.online_share), cy: y, r: 4 }));
  }
  chart.replaceChildren(...parts);
  byId("verdict").textContent = contest.sentence;
  const range = (share) => (share.low === null ? "" : ` (${percent(share.low)} to ${percent(share.high)})`);
  const basis = `Online's share lies between ${percent(contest.offline_first.online_share)}${range(contest.offline_first)} and `
    + `${percent(contest.online_first.online_share)}${range(contest.online_first)}, from `
    + `${contest.offline_first.events} and ${contest.online_first.events} events; 95 % intervals.`;
  byId("contest-basis").textContent = basis;
  chart.setAttribute("aria-label", basis);
}

function showQuality(quality) {
  byId("quality-empty").hidden = quality.events > 0;
  byId("quality-figures").hidden = quality.events === 0;
  byId("quality-basis").textContent = quality.events ? `${quality.events} events in ${quality.days.length} days` : "";
  if (!quality.events) return;
  byId("hit-rate").textContent = percent(quality.hit_rate);
  byId("mrr").textContent = `mean reciprocal rank ${quality.mrr.toFixed(3)}`;
  drawSourceBars(quality.sources);
  drawPlaces(quality.places);
  drawContest(quality.contest);
}

async function followQuality() {
  try {
    if (!document.hidden) showQuality(await get("v1/quality"));
  } catch (error) {
    byId("quality-basis").textContent = error.message;
  }
  setTimeout(followQuality, qualityMs);
}

function follow() {
  const source = new EventSource("v1/live");
  source.onmessage = (event) => showFigures(JSON.parse(event.data));
  source.onerror = () => {
    byId("connection").textContent = "the gateway is away; trying again …";
    byId("connection").classList.add("away");
    // What is answered with no stream (too many viewers, a proxy alone) ends it for good: then it is begun again.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, followAgainMs);
  };
}

loadUsers().then((users) => {
  const wanted = new URLSearchParams(location.search).get("user");
  const first = wanted || users[0];
  if (first) showUser(first); else say("Nobody has been active yet. Type any user id, and send an event.");
}).catch((error) => say(error.message, true));
follow();
followQuality();
