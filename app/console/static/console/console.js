// What the console adds where scripts run: every page works without it.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["x-csrf-token"] = document.body.dataset.csrf;
});

document.addEventListener("click", (event) => {
  const copier = event.target.closest("[data-copy]");
  if (copier) {
    copy(copier);
  }
  if (event.target.closest("[data-close]")) {
    event.target.closest("details").open = false;
  }
  const every = event.target.closest("[data-check-all]");
  if (every) {
    for (const box of document.querySelectorAll(every.dataset.checkAll)) {
      box.checked = every.checked;
    }
  }
  closeOthers(event.target.closest("details.menu, details.confirm"));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    closeOthers(null);
  }
});

// A second press of a button while its form is under way would send it twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) {
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 10000);
});

// A page that the browser takes out of its memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
  }
});

ready();
document.addEventListener("htmx:afterSwap", ready);

function ready() {
  for (const helper of document.querySelectorAll("[data-copy], [data-close], [data-check-all]")) {
    helper.hidden = false;
    helper.closest("[hidden]")?.removeAttribute("hidden");
  }
  document.querySelector("[data-focus]")?.focus();
  const narrow = window.matchMedia("(max-width: 900px)").matches;
  document.querySelector(".side-toggle")?.toggleAttribute("open", !narrow);
}

async function copy(button) {
  const value = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(value.textContent);
    button.textContent = button.dataset.done;
  } catch {
    window.getSelection().selectAllChildren(value);
  }
}

function closeOthers(kept) {
  for (const menu of document.querySelectorAll("details.menu[open], details.confirm[open]")) {
    if (menu !== kept && !menu.contains(kept)) {
      menu.open = false;
    }
  }
}
