// What is typed into a form that does not save itself is kept in this tab until it is sent, and offered again to the
// same person: after a reload, a way back, an ended session. It never leaves the tab, and goes when that is closed.
"use strict";
(() => {
  const who = document.documentElement.dataset.who || "";
  const PREFIX = "kept ";
  const WAIT = 800;
  const keyOf = (form) => `${PREFIX}${who} ${location.pathname} ${new URL(form.action, location.href).pathname}`;
  const forms = () => [...document.querySelectorAll("form[data-keep]")];
  const secret = (element) => element.type === "password" || element.type === "file" || element.type === "hidden";
  const entries = (form) => [...new FormData(form)].filter(([name, value]) => {
    const control = form.elements.namedItem(name);
    const elements = control instanceof RadioNodeList ? [...control] : [control];
    return typeof value === "string" && elements.some((element) => element && !secret(element));
  });
  const read = (key) => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };
  const drop = (test) => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX) && test(key)).forEach((key) => sessionStorage.removeItem(key));

  // Another person on this tab, or the way out: nothing of the one before stays.
  drop((key) => who && !key.startsWith(`${PREFIX}${who} `));
  document.addEventListener("submit", (event) => { if (new URL(event.target.action, location.href).pathname === "/sign-out") drop(() => true); });
  // A page of ours that follows a sending is its answer; after a reload, a way back or a sign-in it has not arrived.
  const [arrival] = performance.getEntriesByType("navigation");
  const answered = who && arrival && arrival.type === "navigate" && document.referrer.startsWith(`${location.origin}/`);
  drop((key) => answered && (read(key) || {}).sent);

  const timers = new WeakMap();
  const keep = (form, sent = false) => {
    const now = new Date();
    try {
      sessionStorage.setItem(keyOf(form), JSON.stringify({ at: now.toISOString(), sent, entries: entries(form) }));
    } catch { delete form.dataset.held; return; }  // full, or refused by the browser: the question before leaving still stands
    // A chosen file cannot be kept: of that the question has to tell.
    if ([...form.elements].some((element) => element.type === "file" && element.files.length)) delete form.dataset.held;
    else form.dataset.held = "1";
    const status = form.querySelector("[data-keep-status]");
    if (status) status.textContent = `${form.dataset.keep} ${time(now)}`;
  };
  const time = (moment) => moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (!form || !who) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => keep(form), WAIT));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (!form || !who) return;
    if (event.defaultPrevented && form.dataset.sent) return;  // the second of a double click: the first is on its way
    clearTimeout(timers.get(form));
    keep(form, !event.defaultPrevented);  // whoever said no to the question has sent nothing
  });

  // Another language is the same page anew: what was typed up to this moment is offered there.
  document.addEventListener("click", (event) => {
    if (!who || !event.target.closest("a[data-keeps-form]")) return;
    forms().filter((form) => timers.has(form)).forEach((form) => { clearTimeout(timers.get(form)); keep(form); });
  }, true);

  // Rows that were added have to be there before they can be filled.
  const grow = (form, names) => form.querySelectorAll("[data-rows]").forEach((group) => {
    const last = Math.max(-1, ...names.map((name) => name.match(/^(.*)-(\d+)-[^-]+$/)).filter((found) => found && found[1] === group.dataset.rows).map((found) => Number(found[2])));
    const add = group.querySelector("[data-add-row]");
    const highest = () => Math.max(...[...group.querySelectorAll("tbody tr")].map((row) => Number(row.dataset.row)));
    for (let n = 0; add && highest() < last && n < 100; n += 1) add.click();
  });
  const restore = (form, kept) => {
    grow(form, kept.entries.map(([name]) => name));
    const values = new Map();
    kept.entries.forEach(([name, value]) => values.set(name, [...(values.get(name) || []), value]));
    [...form.elements].filter((element) => element.name && !secret(element) && element.tagName !== "BUTTON").forEach((element) => {
      const given = values.get(element.name) || [];
      if (element.type === "checkbox" || element.type === "radio") element.checked = given.includes(element.value);
      else if (element.multiple) [...element.options].forEach((option) => { option.selected = given.includes(option.value); });
      else if (given.length) element.value = given.shift();
    });
    form.querySelectorAll("input, select, textarea").forEach((element) => element.dispatchEvent(new Event("change", { bubbles: true })));
    form.querySelectorAll("textarea").forEach((element) => element.dispatchEvent(new Event("input", { bubbles: true })));
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };
  forms().forEach((form) => {
    // A form that comes back with faults shows what was sent already, and nothing has stored that: it is kept anew.
    if (who && form.querySelector(".error-summary")) { keep(form); return; }
    const kept = read(keyOf(form));
    if (!kept) return;
    const same = JSON.stringify(kept.entries) === JSON.stringify(entries(form));
    if (same) { sessionStorage.removeItem(keyOf(form)); return; }
    const note = document.createElement("div");
    note.className = "note tone-info kept-note";
    note.setAttribute("role", "status");
    const words = document.createElement("p");
    words.textContent = `${form.dataset.kept} (${time(new Date(kept.at))})`;
    const buttons = [[form.dataset.takeover, "btn-primary", () => restore(form, kept)], [form.dataset.discard, "btn-secondary", () => sessionStorage.removeItem(keyOf(form))]].map(([text, tone, act]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `btn btn-sm ${tone}`;
      button.textContent = text;
      button.addEventListener("click", () => { act(); note.remove(); });
      return button;
    });
    const inner = document.createElement("div");
    inner.append(words, buttons[0], " ", buttons[1]);
    note.append(inner);
    form.prepend(note);
  });
})();
