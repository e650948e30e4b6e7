// The command palette: pages, what can be done on this one, things by their number. Ctrl K opens it.
"use strict";

(() => {
  const dialog = document.getElementById("palette");
  const opener = document.querySelector("[data-palette]");
  if (!dialog || !opener) {
    return;
  }
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const none = dialog.querySelector("[data-none]");
  const words = dialog.dataset;
  let commands = [];
  let shown = [];
  let at = 0;

  opener.hidden = false;
  if (navigator.userAgent.includes("Mac OS")) {
    opener.querySelector("kbd").textContent = "⌘ K";
  }
  opener.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!event.repeat) {
        dialog.open ? dialog.close() : open();
      }
    }
  });
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    // Enter that ends the typing of Chinese chooses characters, not a command.
    if (event.isComposing) {
      return;
    }
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && shown.length > 0) {
      select((at + move + shown.length) % shown.length);
      event.preventDefault();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!event.repeat && shown[at]) {
        run(shown[at]);
      }
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) {
      run(shown[[...list.children].indexOf(option)]);
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });

  function open() {
    if (document.querySelector("dialog[open]")) {
      return;
    }
    commands = [...actions(), ...pages()];
    input.value = "";
    dialog.showModal();
    show();
    input.focus();
  }

  // What a key of this page does; the palette presses that key.
  function actions() {
    return [...document.querySelectorAll("[data-key]")]
      .filter((one) => !one.disabled && (one.getClientRects().length > 0 || one.closest("[data-opens]")))
      .map((one) => ({ text: named(one.closest("label") ?? one), key: one.dataset.key, note: one.dataset.key.toUpperCase() }));
  }

  function pages() {
    return [...document.querySelectorAll(".side nav a, .bar a[href]")]
      .map((one) => ({ text: named(one), href: one.getAttribute("href"), note: words.page }));
  }

  function named(one) {
    const copy = one.cloneNode(true);
    for (const extra of copy.querySelectorAll("kbd, small, b")) {
      extra.remove();
    }
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  // A number opens its ticket or push; anything else can be looked for.
  function typed(text) {
    if (!text) {
      return [];
    }
    const number = text.toLowerCase().match(/^(tkt|psh)_[0-9a-z]{26}$/);
    if (number) {
      const place = number[1] === "tkt" ? "tickets" : "pushes";
      return [{ text: words[place].replace("{}", number[0]), href: `/console/${place}/${number[0]}`, note: words.open }];
    }
    return ["queue", "pushes"]
      .filter((place) => document.querySelector(`.side nav a[href="/console/${place}"]`))
      .map((place) => ({
        text: words[place === "queue" ? "findQueue" : "findPushes"].replace("{}", text),
        href: `/console/${place}?words=${encodeURIComponent(text)}`,
        note: words.find,
      }));
  }

  function show() {
    const text = input.value.trim();
    const parts = text.toLowerCase().split(/\s+/);
    const fits = (one) => parts.every((part) => `${one.text} ${one.href ?? ""}`.toLowerCase().includes(part));
    shown = [...commands.filter(fits), ...typed(text)];
    list.replaceChildren(...shown.map(option));
    list.hidden = shown.length === 0;
    none.hidden = shown.length > 0;
    select(0);
  }

  function option(command, number) {
    const line = document.createElement("li");
    line.id = `palette-${number}`;
    line.setAttribute("role", "option");
    const note = document.createElement(command.key ? "kbd" : "span");
    note.textContent = command.note;
    const said = document.createElement("span");
    said.dir = "auto";
    said.textContent = command.text;
    line.append(said, note);
    return line;
  }

  function select(number) {
    at = number;
    [...list.children].forEach((line, place) => {
      line.setAttribute("aria-selected", String(place === at));
    });
    const line = list.children[at];
    line?.scrollIntoView({ block: "nearest" });
    line ? input.setAttribute("aria-activedescendant", line.id) : input.removeAttribute("aria-activedescendant");
  }

  function run(command) {
    dialog.close();
    if (command.key) {
      document.activeElement?.blur();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: command.key, bubbles: true, cancelable: true }));
    } else {
      window.location.assign(command.href);
    }
  }
})();
