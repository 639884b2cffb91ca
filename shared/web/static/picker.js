// Long choices: a select of many options becomes a field to search in (the combobox pattern of WAI-ARIA), a long list of
// ticks gets one above it. The select and the ticks stay and carry the answer: for autosave, for what is kept, without script.
"use strict";
(() => {
  const MANY = 12;
  const root = document.documentElement;
  const ready = new WeakSet();
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (tag, attributes, ...inside) => {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => { if (value) made.setAttribute(name, value); });
    made.append(...inside);
    return made;
  };
  let made = 0;

  // Any order of words, accents and width of letters aside.
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const search = (typed) => {
    const words = plain(typed).split(/[\s,，、]+/).filter(Boolean);
    return words.length ? (text) => words.every((word) => text.includes(word)) : null;
  };
  const counted = (n, of) => n ? root.dataset.found.replace("[n]", n.toLocaleString(root.lang)).replace("[m]", of.toLocaleString(root.lang)) : root.dataset.none;
  const nameOf = (select) => {
    const label = select.labels[0] && select.labels[0].cloneNode(true);
    if (label) all("select, .req, .opt, .picker", label).forEach((part) => part.remove());
    return select.getAttribute("aria-label") || (label ? label.textContent.trim() : "");
  };

  const pick = (select) => {
    const id = `${select.id || "picker"}-${made += 1}`;
    const name = nameOf(select);
    const list = make("ul", { id, role: "listbox", class: "picker-list", "aria-label": name, hidden: "hidden" });
    const said = make("p", { class: "picker-said", role: "status", "aria-live": "polite" });
    const pop = make("span", { class: "picker-pop" }, list, said);
    const input = make("input", {
      class: "form-select", role: "combobox", type: "text", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-controls": id,
      "aria-expanded": "false", "aria-label": name, "aria-describedby": select.getAttribute("aria-describedby"), "aria-invalid": select.getAttribute("aria-invalid"),
      "aria-required": select.required ? "true" : select.getAttribute("aria-required"),
    });
    const box = make("span", { class: "picker" });
    ready.add(box);
    select.replaceWith(box);
    box.append(select, input, pop);
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");

    let items = [];
    let shown = [];
    let at = -1;
    let typed = false;
    let steered = false;
    const isOpen = () => input.getAttribute("aria-expanded") === "true";
    const blank = () => [...select.options].find((option) => !option.value);
    const refresh = () => {
      const chosen = select.selectedOptions[0];
      input.value = chosen && chosen.value ? chosen.text : "";
      input.placeholder = blank() ? blank().text : "";
      input.disabled = select.disabled;
      typed = steered = false;
      if (document.activeElement === input) input.select();  // what is typed next is a new search
    };
    const mark = (n) => {
      if (shown[at]) shown[at].row.classList.remove("here");
      at = n;
      if (!shown[at]) { input.removeAttribute("aria-activedescendant"); return; }
      shown[at].row.classList.add("here");
      input.setAttribute("aria-activedescendant", shown[at].row.id);
      shown[at].row.scrollIntoView({ block: "nearest" });
    };
    // Whatever begins with the words as typed, else has them so, else the first.
    const nearest = (words) => {
      const found = [(text) => text.startsWith(words), (text) => text.includes(words), () => true].map((near) => shown.findIndex((item) => near(item.text)));
      return found.find((n) => n >= 0) ?? -1;
    };
    const filter = () => {
      const fits = typed ? search(input.value) : null;
      mark(-1);
      shown = items.filter((item) => !(item.row.hidden = Boolean(fits) && !(item.option.value && fits(item.text))));
      const real = (among) => among.filter((item) => item.option.value).length;
      list.hidden = !shown.length;
      said.textContent = counted(real(shown), real(items));
      if (fits) mark(nearest(plain(input.value).trim()));
      else mark(shown.findIndex((item) => item.option.selected));
      place();
    };
    // Fixed, for the table around it would cut it off; above the field where there is more room.
    const place = () => {
      const field = input.getBoundingClientRect();
      const high = window.visualViewport ? window.visualViewport.height : innerHeight;
      const width = Math.min(Math.max(field.width, 320), root.clientWidth - 16);
      const up = high - field.bottom < 240 && field.top > high - field.bottom;
      pop.style.width = `${width}px`;
      pop.style.left = `${Math.max(8, Math.min(field.left, root.clientWidth - width - 8))}px`;
      pop.style.top = up ? "auto" : `${field.bottom + 2}px`;
      pop.style.bottom = up ? `${innerHeight - field.top + 2}px` : "auto";
      list.style.maxHeight = `${Math.max(132, Math.min(352, (up ? field.top : high - field.bottom) - 56))}px`;
    };
    const moved = () => { if (isOpen()) place(); };
    const open = () => {
      if (isOpen() || input.disabled) return;
      items = [...select.options].filter((option) => !option.disabled).map((option, n) => {
        const row = make("li", { id: `${id}-${n}`, role: "option", "aria-selected": String(option.selected) }, option.text);
        if (option.dataset.also) row.append(make("small", {}, option.dataset.also));
        return { option, row, text: plain(`${option.text} ${option.dataset.also || ""}`) };
      });
      list.replaceChildren(...items.map((item) => item.row));
      input.setAttribute("aria-expanded", "true");
      pop.classList.add("open");
      addEventListener("scroll", moved, true);
      addEventListener("resize", moved);
      filter();
    };
    const close = () => {
      if (!isOpen()) return;
      input.setAttribute("aria-expanded", "false");
      mark(-1);
      pop.classList.remove("open");
      list.hidden = true;
      list.replaceChildren();
      said.textContent = "";
      removeEventListener("scroll", moved, true);
      removeEventListener("resize", moved);
    };
    const choose = (option) => {
      const other = !option.selected;
      option.selected = true;
      close();
      refresh();
      if (other) for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true }));
    };
    // What was typed and not chosen is chosen where it can mean one thing only; else the answer stays as it was.
    const leave = () => {
      const fitting = shown.filter((item) => item.option.value);
      if (typed && !input.value.trim() && blank()) choose(blank());
      else if (typed && input.value.trim() && isOpen() && fitting.length === 1) choose(fitting[0].option);
      else { close(); refresh(); }
    };
    const keys = {
      ArrowDown: () => mark(at + 1 < shown.length ? at + 1 : 0),
      ArrowUp: () => mark(at > 0 ? at - 1 : shown.length - 1),
      PageDown: () => mark(Math.min(at + 10, shown.length - 1)),
      PageUp: () => mark(Math.max(at - 10, 0)),
      Home: () => mark(0),
      End: () => mark(shown.length - 1),
      Enter: () => { if (shown[at]) choose(shown[at].option); },
      Escape: () => { close(); refresh(); },
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      if (event.key === "Tab" && steered && shown[at]) choose(shown[at].option);
      const opens = ["ArrowDown", "ArrowUp", "Enter"].includes(event.key);
      if (!isOpen() && !opens || !keys[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      if (!isOpen()) open();
      else { steered = true; keys[event.key](); }
    });
    input.addEventListener("input", (event) => {
      event.stopPropagation();  // a search is no answer: nothing to save or to keep yet
      if (event.isComposing) return;
      typed = true;
      open();
      filter();
    });
    input.addEventListener("compositionend", () => { typed = true; open(); filter(); });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", open);
    input.addEventListener("blur", leave);
    pop.addEventListener("mousedown", (event) => event.preventDefault());
    pop.addEventListener("click", (event) => {
      event.preventDefault();  // inside a label it would press the field once more
      const found = items.find((item) => item.row.contains(event.target));
      if (found) choose(found.option);
    });
    select.addEventListener("focus", () => input.focus());
    select.addEventListener("change", refresh);
    if (select.form) select.form.addEventListener("reset", () => setTimeout(refresh));
    addEventListener("pageshow", refresh);
    refresh();
  };

  // What is ticked stays in sight, whatever is searched for.
  const sift = (ticks) => {
    const rows = all("label", ticks).map((row) => ({ row, box: row.querySelector("input"), text: plain(row.textContent) }));
    const said = make("p", { class: "picker-said", role: "status", "aria-live": "polite" });
    const input = make("input", { class: "form-control", type: "search", autocomplete: "off", "aria-label": root.dataset.sift, placeholder: root.dataset.sift });
    const filter = () => {
      const fits = search(input.value);
      const shown = rows.filter(({ row, box, text }) => {
        const fitting = !fits || fits(text);
        row.hidden = !fitting && !box.checked;
        return fitting;
      });
      said.textContent = fits ? counted(shown.length, rows.length) : "";
    };
    input.addEventListener("input", (event) => { event.stopPropagation(); filter(); });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
      if (event.key === "Escape" && input.value) { event.stopPropagation(); input.value = ""; filter(); }
    });
    ticks.classList.add("many");
    ticks.before(make("span", { class: "sift" }, input, said));
  };

  // Rows that were copied and pages that come back from a cache hold fields that nobody listens to: they are made anew.
  const enhance = (from) => {
    all(".picker", from).filter((box) => !ready.has(box)).forEach((box) => box.replaceWith(box.querySelector("select")));
    all("select:not([multiple])", from).filter((select) => !select.closest(".picker") && select.options.length > MANY && !select.querySelector("optgroup")).forEach(pick);
    all(".sift", from).filter((box) => !ready.has(box)).forEach((box) => { box.nextElementSibling.classList.remove("many"); box.remove(); });
    all(".ticks:not(.many)", from).filter((ticks) => ticks.querySelectorAll("label").length > MANY).forEach((ticks) => { sift(ticks); ready.add(ticks.previousElementSibling); });
  };
  enhance(document);
  document.addEventListener("drawn", (event) => enhance(event.target));
  for (const type of ["htmx:afterSwap", "htmx:historyRestore"]) document.addEventListener(type, () => enhance(document));
})();
