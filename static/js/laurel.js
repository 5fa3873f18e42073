/* Laurel: what HTML alone cannot do. No eval, no inline handlers; every page works without it. */
(() => {
  "use strict";
  const paused = new Set();
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const pollOf = (node) => (node && node.matches && node.matches("[data-poll]") ? node : null);

  /* Says one sentence in the status line, outside everything that is swapped. */
  function say(text) {
    const line = find("#status");
    if (line && text) line.textContent = text;
  }

  /* Polling: hidden tabs and paused panels do not ask; a shown tab asks at once. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    const panel = pollOf(event.detail.elt);
    if (panel && (document.hidden || paused.has(panel.id))) event.preventDefault();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const panel = pollOf(event.detail.elt);
    if (panel) event.detail.parameters.v = panel.dataset.v;
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) all("[data-poll]").forEach((panel) => htmx.trigger(panel, "refresh"));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pause]");
    if (!button) return;
    const id = button.dataset.pause;
    const pausing = !paused.has(id);
    pausing ? paused.add(id) : paused.delete(id);
    button.setAttribute("aria-pressed", String(pausing));
    all("[data-when]", button).forEach((part) => { part.hidden = (part.dataset.when === "paused") !== pausing; });
    const panel = document.getElementById(id);
    if (!pausing && panel) htmx.trigger(panel, "refresh");
  });

  /* A changed panel: only its parts that differ are replaced, and what the reader did in them is carried over. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const panel = pollOf(event.detail.target);
    if (!panel || !event.detail.shouldSwap) return;
    const fresh = new DOMParser().parseFromString(event.detail.serverResponse, "text/html").getElementById(panel.id);
    if (!fresh) return;
    event.detail.shouldSwap = false;
    replaceChanged(panel, fresh);
    panel.dataset.v = fresh.dataset.v;
    say(fresh.dataset.say);
  });

  function replaceChanged(panel, fresh) {
    const parts = all("[data-part]", panel);
    const same = parts.map((part) => part.id).join() === all("[data-part]", fresh).map((part) => part.id).join();
    if (!same || !parts.length) {
      carry(panel, fresh);
      const focus = focusIn(panel);
      panel.replaceChildren(...fresh.childNodes);
      htmx.process(panel);
      ready(panel);
      focus();
      return;
    }
    for (const part of parts) {
      const next = find("#" + CSS.escape(part.id), fresh);
      if (next.dataset.part === part.dataset.part) continue;
      carry(part, next);
      const focus = focusIn(part);
      part.replaceWith(next);
      htmx.process(next);
      ready(next);
      focus();
    }
  }

  function carry(old, fresh) {
    const twin = (node) => (node.id ? find("#" + CSS.escape(node.id), fresh) : null);
    all("details", old).forEach((node) => { if (twin(node)) twin(node).open = node.open; });
    all("[data-keep]", old).forEach((node) => { if (twin(node) && node.childNodes.length) twin(node).replaceWith(node); });
    all("input, textarea, select", old).forEach((node) => {
      const next = twin(node);
      if (!next) return;
      if (node.type === "checkbox" || node.type === "radio") next.checked = node.checked;
      else if (node.value !== node.defaultValue) next.value = node.value;
    });
  }

  function focusIn(old) {
    const active = document.activeElement;
    if (!active || !active.id || !old.contains(active)) return () => {};
    const { id, selectionStart, selectionEnd } = active;
    return () => {
      const next = document.getElementById(id);
      if (!next || next === document.activeElement) return;
      next.focus({ preventScroll: true });
      if (selectionStart != null && next.setSelectionRange) next.setSelectionRange(selectionStart, selectionEnd);
    };
  }

  /* Connection: an alert while requests fail; the last numbers stay. A request that was called off says nothing. */
  function connection(lost) {
    const alert = find("#connection");
    if (!alert || lost === !alert.hidden) return;
    find("span", alert).textContent = lost ? alert.dataset.text : "";
    alert.hidden = !lost;
  }
  document.addEventListener("htmx:sendError", () => connection(true));
  document.addEventListener("htmx:timeout", () => connection(true));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = event.detail;
    if (xhr && xhr.status) connection(xhr.status >= 500);
  });

  /* Menus close on Escape and on a click elsewhere. */
  const menus = "details.user-menu, details.menu-btn, .nav-more > details";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest && event.target.closest(menus);
    if (open && open.open) { open.open = false; find("summary", open).focus(); }
  });
  document.addEventListener("click", (event) => {
    all(menus).forEach((menu) => { if (menu.open && !menu.contains(event.target)) menu.open = false; });
  });

  /* What only makes sense with JavaScript is shown by it. */
  function ready(root) {
    all("[data-needs-js]", root).forEach((node) => { node.hidden = false; });
    all("[data-without-js]", root).forEach((node) => { node.hidden = true; });
  }
  ready(document);
})();
