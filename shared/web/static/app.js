// What makes the pages nicer with script on. Everything here also works without it.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  let leaving = false;

  // Theme: the link works without script; with it, the page is not loaded again.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-theme-toggle]");
    if (!link) return;
    event.preventDefault();
    const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    link.href = link.href.replace(/theme=(light|dark)/, `theme=${theme === "dark" ? "light" : "dark"}`);
    document.dispatchEvent(new CustomEvent("theme-changed"));
  });

  // The menu of narrow screens.
  const menu = document.getElementById("menu");
  const toggle = document.querySelector("[data-menu-toggle]");
  const openMenu = (open) => {
    menu.classList.toggle("open", open);
    toggle.setAttribute("aria-expanded", String(open));
    if (open) menu.querySelector("a[href]").focus(); else toggle.focus();
  };
  if (menu && toggle) {
    toggle.setAttribute("role", "button");
    toggle.setAttribute("aria-expanded", "false");
    toggle.addEventListener("click", (event) => { event.preventDefault(); openMenu(!menu.classList.contains("open")); });
    menu.querySelector("[data-menu-close]").addEventListener("click", (event) => { event.preventDefault(); openMenu(false); });
  }

  // Small menus close by Escape and by a press elsewhere.
  document.addEventListener("click", (event) => {
    all("details.drop[open]").filter((drop) => !drop.contains(event.target)).forEach((drop) => drop.removeAttribute("open"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all("details.drop[open]").forEach((drop) => { drop.removeAttribute("open"); drop.querySelector("summary").focus(); });
      if (menu && menu.classList.contains("open")) openMenu(false);
    }
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = document.querySelector("[data-search]") || document.getElementById("list-q");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
  });

  // Forms: unsaved changes, one press only, a question before what cannot be undone.
  const dirty = new WeakSet();
  const refused = (form) => form.querySelector(".error-summary");  // came back with faults: nothing of it is stored
  all("form[data-guard]").filter(refused).forEach((form) => dirty.add(form));
  const guarded = () => all("form[data-guard]").find((form) => dirty.has(form));
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) { dirty.add(form); scheduleAutosave(form); }
  });
  addEventListener("beforeunload", (event) => { if (!leaving && guarded()) event.preventDefault(); });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = form.dataset.confirm;
    const drafts = event.submitter && event.submitter.name === "draft";
    // What lacks a required entry is only told so: nothing is done that one would have to be sure of.
    const lacking = all("[aria-required=true]", form).some((one) => one.offsetParent && !one.value.trim());
    if (question && !drafts && !lacking && !form.dataset.sent && !saving.has(form) && !confirm(question)) { event.preventDefault(); return; }
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    clearTimeout(timers.get(form));
    if (saving.has(form)) {  // its answer brings the version that this press has to name
      event.preventDefault();
      saving.get(form).then(() => form.requestSubmit(event.submitter));
      return;
    }
    form.dataset.sent = "1";
    leaving = true;
    // The answer may be a download or an error of the network: then the form must work again.
    setTimeout(() => { delete form.dataset.sent; leaving = false; }, 8000);
  });
  addEventListener("pageshow", () => { leaving = false; all("form[data-sent]").forEach((form) => delete form.dataset.sent); });

  // Questions that are asked only after some answers. What stands elsewhere the server knows.
  const answersOf = (form, name) => new FormData(form).getAll(name);
  const showAsked = (form) => all("[data-show-if]", form).concat(all("[data-show-if]", form)).forEach((area) => {
    const met = JSON.parse(area.dataset.showIf).map(({ name, any_of }) => {
      const control = form.elements.namedItem(name);
      if (!control) return null;
      const element = control instanceof RadioNodeList ? control[0] : control;
      return !element.closest("[data-show-if][hidden]") && answersOf(form, name).some((one) => any_of.includes(one));
    });
    if (met.includes(false)) area.hidden = true;
    else if (!met.includes(null)) area.hidden = false;
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (form) showAsked(form);
  });

  // Autosave: the form as it is, two seconds after the last key.
  const timers = new WeakMap();
  const saving = new WeakMap();
  const scheduleAutosave = (form) => {
    if (!form.dataset.autosave) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => {
      if (saving.has(form)) scheduleAutosave(form); else save(form);
    }, 2000));
  };
  const save = (form) => {
    saving.set(form, autosave(form).finally(() => saving.delete(form)));
    return saving.get(form);
  };
  const entered = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  const autosave = async (form) => {
    const status = form.querySelector("[data-autosave-status]");
    const fields = entered(form);
    const before = fields.toString();
    fields.set("draft", "1");
    fields.set("_key", crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2));
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: fields, headers: { "X-Autosave": "1" } });
      if (answer.status === 412 || answer.status === 409) { status.textContent = form.dataset.stale; return; }
      if (answer.status === 422) { status.textContent = form.dataset.wrong; return; }
      if (!answer.ok) throw new Error(String(answer.status));
      // What was typed while this was on its way is not saved yet; its own two seconds run.
      if (before === entered(form).toString()) dirty.delete(form);
      const version = answer.headers.get("X-Version");
      if (version && form.elements.version) form.elements.version.value = version;
      // The clock of the platform, as everywhere on the page, not that of the machine.
      const now = new Date().toLocaleTimeString(root.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });
      status.textContent = `${form.dataset.saved} ${now}`;
    } catch {
      status.textContent = form.dataset.unsaved;
    }
  };

  // Another language: what saves itself is saved first, what is kept in this tab is offered again there. For anything
  // else the browser asks before it leaves, as ever: also where the link leads to another path than the kept copy is
  // found under, or where a refused form stands under the address it was sent to, which by itself shows another page.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-keeps-form][hreflang]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const open = all("form[data-guard]").filter((form) => dirty.has(form));
    if (!open.length) return;
    event.preventDefault();
    const saved = async (form) => {
      if (!form.dataset.autosave) return Boolean(form.dataset.held && link.pathname === location.pathname && !refused(form));
      while (saving.has(form)) await saving.get(form);
      clearTimeout(timers.get(form));
      if (dirty.has(form)) await save(form);
      return !dirty.has(form);
    };
    Promise.all(open.map(saved)).then((found) => {
      leaving = found.every(Boolean);
      if (leaving) setTimeout(() => { leaving = false; }, 8000);
      location.assign(link.href);
    });
  });

  // What is drawn later by htmx gets the same.
  const enhance = (from) => {
    all("textarea[data-count]", from).forEach((area) => {
      if (area.nextElementSibling && area.nextElementSibling.matches(".counter")) return;
      const counter = document.createElement("p");
      counter.className = "counter";
      const count = () => { counter.textContent = area.dataset.count.replace("#", String(area.maxLength - area.value.length)); };
      area.after(counter);
      area.addEventListener("input", count);
      count();
    });
    all("[data-rows]", from).forEach((group) => {
      const add = group.querySelector("[data-add-row]");
      if (!add || add.dataset.ready) return;
      add.dataset.ready = "1";
      group.querySelector(".rows-add").hidden = false;
      add.addEventListener("click", () => addRow(group));
    });
    all("form", from).filter((form) => form.querySelector("[data-show-if]")).forEach(showAsked);
    stops(from);
    if (from.querySelector("[data-chart]")) loadCharts();
  };
  // Only what really scrolls needs a stop for the keyboard.
  const stops = (from) => all(".table-scroll", from).forEach((area) => {
    const wide = area.scrollWidth > area.clientWidth;
    if (wide) area.tabIndex = 0; else area.removeAttribute("tabindex");
    const before = area.previousElementSibling;
    const hint = before && before.matches(".scroll-hint") ? before : null;
    if (wide && !hint) {
      const words = document.createElement("p");
      words.className = "scroll-hint";
      words.setAttribute("aria-hidden", "true");  // the region is named, and reached by the keyboard
      words.textContent = root.dataset.wide;
      area.before(words);
    } else if (hint) hint.hidden = !wide;
  });
  document.addEventListener("toggle", (event) => stops(event.target), true);
  addEventListener("resize", () => stops(document));
  const addRow = (group) => {
    const body = group.querySelector("tbody");
    const last = body.lastElementChild;
    const from = Number(last.dataset.row);
    const to = Math.max(...all("tr", body).map((row) => Number(row.dataset.row))) + 1;
    const name = group.dataset.rows;
    const row = last.cloneNode(true);
    const count = body.children.length;
    row.dataset.row = String(to);
    all(".field-error", row).forEach((error) => error.remove());
    all("[name], [id], [aria-label]", row).forEach((element) => {
      for (const attribute of ["name", "id", "aria-describedby"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace(`${name}-${from}-`, `${name}-${to}-`));
      }
      const said = element.getAttribute("aria-label");
      if (said) element.setAttribute("aria-label", said.replace(String(count), String(count + 1)));
      element.removeAttribute("aria-invalid");
      if (element.tagName === "INPUT") element.value = "";
      if (element.tagName === "SELECT" && !element.name.endsWith("-currency")) element.selectedIndex = 0;
    });
    body.append(row);
    row.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
    row.querySelector("input, select").focus();
  };
  let chartsWanted = false;
  const loadCharts = () => {
    if (window.drawCharts) { window.drawCharts(); return; }
    if (chartsWanted) return;
    chartsWanted = true;
    for (const address of [root.dataset.echarts, root.dataset.charts]) {
      const script = document.createElement("script");
      script.src = address;
      script.async = false;
      document.head.append(script);
    }
  };

  enhance(document);
  document.addEventListener("htmx:afterSwap", () => enhance(document));
  const focused = document.querySelector("[data-focus]");
  if (focused) focused.focus();
  const wanted = location.hash && document.getElementById(location.hash.slice(1));
  if (wanted && wanted.tagName === "DETAILS") wanted.open = true;
})();
