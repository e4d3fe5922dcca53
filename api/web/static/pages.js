// Small conveniences; every page works without it. Keys, confirmations, and parts of pages that follow the ledger.
"use strict";
(() => {
  const keys = document.getElementById("keys");
  const toSearch = () => {
    const search = document.querySelector("input[type=search]");
    if (search) search.focus();
    return search;
  };
  if (location.hash === "#search") toSearch();
  let before = "";
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select")) return;
    if (event.key === "/") {
      event.preventDefault();
      if (!toSearch()) location.assign(document.body.dataset.search + "#search");
    } else if (event.key === "?") {
      keys.showModal();
    } else if (event.key === "h" && before === "g") {
      location.assign("/");
    }
    before = event.key;
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
      event.preventDefault();
      return;
    }
    for (const button of form.querySelectorAll("button")) setTimeout(() => { button.disabled = true; });
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
  });

  // A slider over the days from a date's `min` to its `max`; letting go of it looks at that day.
  for (const date of document.querySelectorAll("[data-slider]")) {
    const day = 86_400_000;
    const slider = document.createElement("input");
    slider.type = "range";
    slider.max = String((Date.parse(date.max) - Date.parse(date.min)) / day);
    slider.value = String((Date.parse(date.value) - Date.parse(date.min)) / day);
    slider.setAttribute("aria-label", date.dataset.slider);
    const tell = () => slider.setAttribute("aria-valuetext", date.value);
    tell();
    slider.addEventListener("input", () => {
      date.value = new Date(Date.parse(date.min) + Number(slider.value) * day).toISOString().slice(0, 10);
      tell();
    });
    slider.addEventListener("change", () => date.form.requestSubmit());
    date.form.append(slider);
  }

  // What is chosen in such a list is what the page is about: it is shown at once.
  for (const list of document.querySelectorAll("select[data-now]")) {
    list.addEventListener("change", () => list.form.requestSubmit());
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // Parts marked data-live="alert,refund" are fetched again when something of that kind has changed.
  const live = [...document.querySelectorAll("[data-live]")].filter((part) => part.id);
  if (!live.length || !window.EventSource) return;
  let due = 0;
  const refresh = async () => {
    due = 0;
    const answer = await fetch(location.href, { headers: { "X-Fragment": "1" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of live) {
      const fresh = page.getElementById(part.id);
      const old = document.getElementById(part.id);
      if (fresh && old && !old.contains(document.activeElement) && fresh.innerHTML !== old.innerHTML) {
        old.replaceChildren(...fresh.childNodes);
      }
    }
  };
  const source = new EventSource("/live");
  source.onmessage = () => { if (!due) due = setTimeout(refresh, 400); };
  window.addEventListener("pagehide", () => source.close());
})();
