// Liveness: one socket per page. It says what the page shows and up to which revision, and applies what comes back.
// Everything works without it; it only saves the reload.

import { applyRows } from "./rows.js";
import { applyOps } from "./stream.js";

const FIRST_WAIT = 250;
const LONGEST_WAIT = 8000;
const NOT_SIGNED_IN = 4401;

let socket = null;
let wait = FIRST_WAIT;
let timer = 0;

function shown() {
  const panes = {};
  for (const pane of document.querySelectorAll("[data-session]")) {
    panes[pane.dataset.session] = Number(pane.dataset.revision);
  }
  const trees = [...document.querySelectorAll("[data-conversation]")].map((tree) => tree.dataset.conversation);
  const side = document.querySelector("[data-side-tree]")?.dataset.sideTree ?? null;
  return { panes, trees: [...new Set(trees)], side, home: Boolean(document.querySelector("[data-home]")) };
}

function offline(hidden) {
  const line = document.getElementById("offline");
  if (line) line.hidden = hidden;
  document.body.toggleAttribute("data-connected", hidden);
}

function receive(event) {
  const message = JSON.parse(event.data);
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
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  const url = new URL(document.body.dataset.liveUrl, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.addEventListener("open", () => {
    wait = FIRST_WAIT;
    offline(true);
    socket.send(JSON.stringify(shown()));
  });
  socket.addEventListener("message", receive);
  socket.addEventListener("close", (event) => {
    offline(false);
    if (event.code === NOT_SIGNED_IN) return location.reload();
    // Not all at once: a restarted server meets every open page.
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

function wake() {
  if (document.visibilityState === "visible") connect();
}

const { panes, trees, home } = shown(); // a side list alone is no reason for a socket
if (document.body.dataset.liveUrl && (Object.keys(panes).length || trees.length || home)) {
  connect();
  window.addEventListener("online", connect);
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("pageshow", wake);
}
