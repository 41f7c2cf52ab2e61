// Liveness: one socket per page. It says what the page shows and up to which revision, and applies what comes back.
// Everything works without it; it only saves the reload.

import { applyRows } from "./rows.js";
import { applyOps } from "./stream.js";
import { compareFrontEnd } from "./updated.js";

const FIRST_WAIT = 250;
const LONGEST_WAIT = 8000;
const NOT_SIGNED_IN = 4401;
// The server says something every 20 seconds at least. A page cannot ask a connection whether it still leads anywhere:
// after a sleep, or when a network went without a word, silence is the only sign.
const LOOK = 5000;
const SILENCE = 45000;
const SILENCE_ON_WAKING = 25000;

let socket = null;
let heardAt = 0; // by the clock on the wall: others stand still while a machine sleeps
let wait = FIRST_WAIT;
let timer = 0;

function shown() {
  const panes = {};
  for (const pane of document.querySelectorAll("[data-session]")) {
    panes[pane.dataset.session] = Number(pane.dataset.revision);
  }
  const trees = [...document.querySelectorAll("[data-conversation]")].map((tree) => tree.dataset.conversation);
  const side = document.querySelector("[data-side-tree]")?.dataset.sideTree ?? null;
  const needs = Number(document.getElementById("needs")?.dataset.count ?? 0);
  const requests = Boolean(document.querySelector("[data-requests]"));
  return { panes, trees: [...new Set(trees)], side, home: Boolean(document.querySelector("[data-home]")), needs, requests };
}

function offline(hidden) {
  const line = document.getElementById("offline");
  if (line) line.hidden = hidden;
  document.body.toggleAttribute("data-connected", hidden);
}

function receive(event) {
  const message = JSON.parse(event.data);
  if (message.front) compareFrontEnd(message.front);
  for (const row of message.rows ?? []) applyRows(row);
  for (const [session, revision] of Object.entries(message.revisions ?? {})) {
    for (const part of ["pane", "head"]) {
      const element = document.getElementById(`${part}-${session}`);
      if (element) element.dataset.revision = Math.max(revision, Number(element.dataset.revision));
    }
  }
  for (const [id, ops] of Object.entries(message.ops ?? {})) {
    if (!applyOps(id, ops)) socket.send(JSON.stringify({ resync: Number(id) }));
  }
}

function connect() {
  clearTimeout(timer);
  const url = new URL(document.body.dataset.liveUrl, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const abandoned = socket;
  const opened = new WebSocket(url);
  socket = opened;
  heardAt = Date.now();
  // What an abandoned socket still has to say is old.
  const on = (type, listener) => opened.addEventListener(type, (event) => socket === opened && listener(event));
  on("open", () => {
    wait = FIRST_WAIT;
    offline(true);
    opened.send(JSON.stringify(shown()));
  });
  on("message", (event) => {
    heardAt = Date.now();
    receive(event);
  });
  on("close", (event) => {
    socket = null;
    offline(false);
    if (event.code === NOT_SIGNED_IN) return location.reload();
    // Not all at once: a restarted server meets every open page.
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
  abandoned?.close();
}

const silentFor = (milliseconds) => Date.now() - heardAt > milliseconds;

function look() {
  if (!socket || !silentFor(SILENCE)) return;
  offline(false);
  connect();
}

function wake() {
  if (document.visibilityState === "visible" && (!socket || silentFor(SILENCE_ON_WAKING))) connect();
}

const { panes, trees, home, requests } = shown(); // a side list alone is no reason for a socket
if (document.body.dataset.liveUrl && (Object.keys(panes).length || trees.length || home || requests)) {
  connect();
  setInterval(look, LOOK);
  window.addEventListener("online", connect);
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("pageshow", wake);
}
