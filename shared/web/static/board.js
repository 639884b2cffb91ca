// The assignment board with script on: loads and total follow every tick, and a tick can be dragged to another box.
"use strict";
(() => {
  const table = document.querySelector("[data-board]");
  if (!table) return;
  const boxes = [...table.querySelectorAll("input[name=pair]")];
  const at = (box) => box.value.split(":");
  const near = (box) => Number(box.closest("[data-near]").dataset.near);
  const total = document.querySelector("[data-board-total]");
  const format = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const count = (element, now, most, few) => {
    element.firstChild.data = most === undefined ? String(now) : `${now} / ${most}`;
    element.classList.toggle("text-danger", most !== undefined && (now > Number(most) || (few && now < Number(most))));
  };
  const follow = () => {
    let sum = Number(table.dataset.total);
    const experts = {}, applications = {};
    for (const box of boxes) {
      const step = Number(box.checked) - Number(box.dataset.was === "true");
      const [application, expert] = at(box);
      experts[expert] = (experts[expert] || 0) + step;
      applications[application] = (applications[application] || 0) + step;
      sum += step * near(box);
    }
    for (const head of table.querySelectorAll("[data-expert]")) {
      count(head.querySelector("[data-carried]"), Number(head.dataset.load) + (experts[head.dataset.expert] || 0), head.dataset.cap, false);
    }
    for (const row of table.querySelectorAll("[data-application]")) {
      const met = row.querySelector("[data-met]");
      if (met) count(met, Number(met.dataset.met) + (applications[row.dataset.application] || 0), met.dataset.demand, true);
    }
    const changed = boxes.some((box) => String(box.checked) !== box.dataset.was);
    if (total) total.textContent = (changed ? total.dataset.says : total.dataset.alone).replace("#", format.format(sum / 10));
  };
  const shown = new Set([...table.querySelectorAll("input[name=shown]")].map((one) => one.value));
  let dragged = null;
  for (const box of boxes) {
    box.dataset.was = String(shown.has(box.value));
    const cell = box.closest("[data-pair]");
    cell.draggable = true;
    cell.addEventListener("dragstart", (event) => {
      if (!box.checked) { event.preventDefault(); return; }
      dragged = box;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", box.value);
    });
    cell.addEventListener("dragover", (event) => { if (dragged && dragged !== box && !box.checked) event.preventDefault(); });
    cell.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!dragged || dragged === box || box.checked) return;
      dragged.checked = false;
      box.checked = true;
      dragged = null;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    });
    cell.addEventListener("dragend", () => { dragged = null; });
    // Arrow keys move between boxes, so that a board is crossed without a hundred tabs.
    box.addEventListener("keydown", (event) => {
      const column = box.closest("td").cellIndex;
      const row = box.closest("tr");
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!step) return;
      event.preventDefault();
      let line = row, place = column;
      do {
        if (step[0]) line = step[0] < 0 ? line.previousElementSibling : line.nextElementSibling; else place += step[1];
        const next = line && line.cells[place] && line.cells[place].querySelector("input[name=pair]");
        if (next) { next.focus(); return; }
      } while (line && line.cells[place]);
    });
  }
  table.addEventListener("input", follow);
  follow();
})();
