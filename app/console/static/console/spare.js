// The switches that spare somebody pictures or colours, without leaving what they are writing.
"use strict";

for (const form of document.querySelectorAll(".spare form")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const button = form.querySelector("button");
    const spared = new Set((document.documentElement.dataset.spared ?? "").split(" ").filter(Boolean));
    const name = form.elements.name.value;
    const isOn = !spared.has(name);
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (!answer.ok) {
        return;
      }
      spared[isOn ? "add" : "delete"](name);
      document.documentElement.dataset.spared = [...spared].join(" ");
      button.setAttribute("aria-pressed", String(isOn));
    } catch {
      // Without a connection nothing changes, and the next press asks again.
    } finally {
      button.disabled = false;
      button.focus();
      // Nobody left the page: keys work again at once.
      window.dispatchEvent(new Event("pageshow"));
    }
  });
}
