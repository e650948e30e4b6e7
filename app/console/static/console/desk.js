// Keys, countdowns and the claim's state for the review pages, which work without it.
"use strict";

(() => {
  const clockLead = serverLead();
  const now = () => Date.now() + clockLead;
  let leaving = false;

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isField(event.target)) {
      event.target.blur();
      return;
    }
    // A key that is held down repeats; one press acts once, and on nothing that is being saved.
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if (event.repeat || event.isComposing || chord || leaving || isField(event.target)) {
      return;
    }
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      step(key === "j" ? 1 : -1);
      event.preventDefault();
      return;
    }
    const target = [...document.querySelectorAll("[data-key]")].find(
      (one) => one.dataset.key === key && !one.disabled && isReachable(one),
    );
    if (target) {
      act(target);
      event.preventDefault();
    }
  });

  document.addEventListener("submit", () => {
    leaving = true;
    setTimeout(() => { leaving = false; }, 10000);
  });
  window.addEventListener("pageshow", () => { leaving = false; });

  document.addEventListener("click", (event) => {
    const filler = event.target.closest("[data-fill]");
    if (filler) {
      fill(filler.dataset.fill);
    }
    const choice = event.target.closest("[data-preview]");
    if (choice) {
      for (const one of document.querySelectorAll("[data-preview]")) {
        one.toggleAttribute("aria-current", one === choice);
      }
      choice.setAttribute("aria-current", "true");
      choice.closest(".preview").classList.toggle("preview-wide", choice.dataset.preview === "wide");
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.name === "verdict") {
      nameButton();
    }
  });

  for (const filler of document.querySelectorAll("[data-fill]")) {
    filler.hidden = false;
  }
  nameButton();
  tick();
  setInterval(tick, 1000);

  function isField(element) {
    const choosable = element.matches("input[type=radio], input[type=checkbox], input[type=submit]");
    return element.matches("input, textarea, select, [contenteditable]") && !choosable;
  }

  // The server writes its own time; a wrong clock here must not shift a countdown.
  function serverLead() {
    const stated = document.querySelector(".bar-clock time")?.dateTime;
    const ahead = stated ? Date.parse(stated) - Date.now() : 0;
    return Math.abs(ahead) > 5000 ? ahead : 0;
  }

  function step(by) {
    const items = [...document.querySelectorAll("[data-list] [data-item]")];
    const at = items.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by;
    const item = items[Math.min(Math.max(next, 0), items.length - 1)];
    item?.focus();
    item?.scrollIntoView({ block: "nearest" });
  }

  // What lies in a fold that its key opens counts as there.
  function isReachable(one) {
    return one.getClientRects().length > 0 || one.closest("details[data-opens]") !== null;
  }

  function act(target) {
    if (target.matches("input[type=radio]")) {
      target.closest("details[data-opens]")?.setAttribute("open", "");
      target.click();
      if (target.dataset.then) {
        document.querySelector(target.dataset.then).focus();
        return;
      }
      const form = target.form;
      const wanted = [...form.querySelectorAll("input[type=checkbox]:not(:checked), select, textarea")];
      (wanted.find((one) => one.getClientRects().length > 0 && !one.value.trim() || one.type === "checkbox" && one.getClientRects().length > 0)
        ?? form.querySelector("[type=submit]:not([disabled])")).focus();
      return;
    }
    if (target.matches("summary")) {
      target.parentElement.open = !target.parentElement.open;
      target.focus();
      return;
    }
    leaving = true;
    target.click();
  }

  function fill(text) {
    const reason = document.getElementById("f-reason");
    reason.value = reason.value.trim() ? `${reason.value.trim()}\n${text}` : text;
    reason.focus();
    const blank = reason.value.indexOf("＿＿");
    if (blank >= 0) {
      reason.setSelectionRange(blank, blank + 2);
    }
  }

  function nameButton() {
    const form = document.querySelector("[data-ruling]");
    const chosen = form?.querySelector("[name=verdict]:checked");
    if (chosen) {
      const button = form.querySelector("[data-submit]");
      button.textContent = button.dataset[chosen.value];
    }
  }

  function tick() {
    for (const time of document.querySelectorAll("time[data-until]")) {
      const left = Date.parse(time.dateTime) - now();
      if (left > 0 && left < 3600000) {
        const seconds = Math.floor(left / 1000);
        time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      }
    }
    countUndo();
    watchLease();
  }

  function countUndo() {
    const bar = document.querySelector("[data-undo-until]");
    if (!bar || bar.classList.contains("undo-over")) {
      return;
    }
    const left = Math.ceil((Date.parse(bar.dataset.undoUntil) - now()) / 1000);
    const words = bar.querySelector("[data-left]");
    if (left > 0) {
      words.textContent = words.dataset.left.replace("{}", left);
      return;
    }
    bar.classList.add("undo-over");
    bar.querySelector("form").remove();
    bar.querySelector("p").textContent = bar.dataset.over;
  }

  // Heartbeats move the lease's end; if it passes all the same, nobody answers them.
  function watchLease() {
    const lease = document.querySelector("form[data-lease-until]");
    if (lease && Date.parse(lease.dataset.leaseUntil) <= now()) {
      const words = document.createElement("div");
      words.id = "lease";
      words.className = "lease lease-lapsed";
      words.setAttribute("role", "alert");
      words.textContent = lease.dataset.lost;
      lease.replaceWith(words);
    }
  }
})();
