// The ranking board with script on: a row can be dragged to another place, and focus stays with what was moved. The
// server works out the figures, so that they are those of the decision.
"use strict";
(() => {
  const board = () => document.getElementById("board");
  if (!board()) return;
  let dragged = null;
  const row = (element) => element instanceof Element && element.closest("#board [data-row]");
  const zone = (element) => element instanceof Element && element.closest("#board [data-zone]");
  const ready = () => document.querySelectorAll("#board [data-row]").forEach((one) => { one.draggable = true; });
  // Text in a field is selected by dragging too: then the row stays where it is.
  document.addEventListener("pointerdown", (event) => {
    const here = row(event.target);
    if (here) here.draggable = !event.target.closest("input, button, a");
  });
  document.addEventListener("dragstart", (event) => {
    dragged = row(event.target);
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.row);
    dragged.classList.add("dragged");
  });
  const clear = () => document.querySelectorAll("#board .over").forEach((one) => one.classList.remove("over"));
  document.addEventListener("dragover", (event) => {
    const there = dragged && zone(event.target);
    if (!there) return;
    event.preventDefault();
    clear();
    (row(event.target) || there).classList.add("over");
  });
  document.addEventListener("dragend", () => { clear(); if (dragged) dragged.classList.remove("dragged"); dragged = null; });
  document.addEventListener("drop", (event) => {
    const there = dragged && zone(event.target);
    if (!there) return;
    event.preventDefault();
    const rows = [...there.querySelectorAll("[data-row]")].filter((one) => one !== dragged);
    const onto = row(event.target);
    if (onto === dragged) return;
    let place = rows.length;
    if (onto) {
      const box = onto.getBoundingClientRect();
      place = rows.indexOf(onto) + Number(event.clientY > box.top + box.height / 2);
    }
    const move = `${dragged.dataset.row}:${there.dataset.zone}${there.dataset.zone === "reserve" ? `:${place + 1}` : ""}`;
    focus = dragged.dataset.row;
    htmx.ajax("POST", board().dataset.board, { source: board(), target: "#board", swap: "outerHTML", values: { move } });
  });
  let focus = "";
  document.addEventListener("click", (event) => {
    const here = event.target.closest("#board button") && row(event.target);
    if (here) focus = here.dataset.row;
  });
  // A board over another proposal comes as a conflict: it is drawn all the same, for it says so.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "board" && event.detail.xhr.status === 409) event.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:afterSettle", () => {
    ready();
    const status = document.querySelector("[data-board-status]");
    const says = document.querySelector("[data-board-says]");
    const told = document.querySelector("#board > .note");  // what was proposed has changed meanwhile
    if (status && (told || says)) status.textContent = (told || says).textContent.trim();
    if (told) { focus = ""; told.scrollIntoView({ block: "center" }); }
    const moved = focus && document.getElementById(`row-${focus}`);
    if (moved && !moved.contains(document.activeElement)) moved.focus();
    focus = "";
  });
  ready();
})();
