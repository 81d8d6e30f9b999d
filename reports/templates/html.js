"use strict";
// Adds to a page that is complete without it: a filter, links that open their target, buttons that copy commands, and nothing folded on paper.
(() => {
  const form = document.querySelector(".filter");
  const status = form.querySelector(".status");
  const entries = [...document.querySelectorAll(".entry")].map((element) => ({
    element,
    result: element.querySelector("[data-result]").dataset.result,
    severities: [...element.querySelectorAll(".critical, .high, .medium, .low")].map((each) => each.className),
    findings: element.querySelectorAll("[data-result]").length,
    text: "",
  }));
  const groups = [...document.querySelectorAll(".group")];
  const boxes = (name) => [...form.elements].filter((field) => field.name === name);
  const checked = (name) => boxes(name).filter((box) => box.checked).map((box) => box.value);

  const holds = (entry, results, severities, wanted) => {
    entry.text ||= entry.element.textContent.toLowerCase();
    const fits = results.includes(entry.result) && entry.severities.some((severity) => severities.includes(severity));
    return fits && wanted.every((word) => entry.text.includes(word));
  };

  const filter = () => {
    const wanted = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const results = checked("result");
    const severities = checked("severity");
    let shown = 0;
    let findings = 0;
    for (const entry of entries) {
      entry.element.hidden = !holds(entry, results, severities, wanted);
      shown += entry.element.hidden ? 0 : 1;
      findings += entry.element.hidden ? 0 : entry.findings;
    }
    for (const group of groups) group.hidden = !group.querySelector(".entry:not([hidden])");
    status.value = `${shown} of ${entries.length} entries shown, with ${findings} findings`;
  };

  // What is filtered stands in the address, so that it can be sent to somebody; an address without "=" leads to an entry.
  const write = () => {
    const state = new URLSearchParams();
    for (const name of ["result", "severity"]) {
      if (checked(name).length < boxes(name).length) state.set(name, checked(name).join(","));
    }
    if (form.elements.text.value) state.set("text", form.elements.text.value);
    history.replaceState(null, "", `#${state}`);
  };

  const read = (hash) => {
    const state = new URLSearchParams(hash);
    for (const name of ["result", "severity"]) {
      const kept = state.has(name) ? state.get(name).split(",") : null;
      for (const box of boxes(name)) box.checked = !kept || kept.includes(box.value);
    }
    form.elements.text.value = state.get("text") ?? "";
  };

  const follow = () => {
    const hash = location.hash.slice(1);
    if (hash.includes("=")) {
      read(hash);
      filter();
      return;
    }
    const entry = document.getElementById(hash)?.closest(".entry");
    if (!entry) return;
    if (entry.hidden) {
      read("");
      filter();
    }
    entry.open = true;
    entry.scrollIntoView();
  };

  // Where the clipboard is closed to a page, the commands stand in a field, selected.
  const copy = async (button, commands) => {
    try {
      await navigator.clipboard.writeText(commands);
      status.value = button.textContent = "Copied";
    } catch {
      const field = document.createElement("textarea");
      Object.assign(field, { value: commands, readOnly: true, ariaLabel: "Commands", rows: Math.min(commands.split("\n").length + 1, 10) });
      button.replaceWith(field);
      field.focus();
      field.select();
      status.value = "Selected: copy with the keyboard";
    }
  };

  for (const fix of document.querySelectorAll(".fix dd")) {
    const commands = [...fix.querySelectorAll("pre")].map((each) => each.textContent).join("\n");
    if (!commands) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = commands.includes("\n") ? "Copy the commands" : "Copy the command";
    button.addEventListener("click", () => copy(button, commands));
    fix.append(button);
  }

  for (const { element } of entries) {
    const link = document.createElement("a");
    link.href = `#${element.querySelector("div").id}`;
    link.className = "self";
    link.textContent = "Link to this entry";
    element.querySelector("div").append(link);
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "slash") return;
    filter();
    write();
  });
  form.addEventListener("reset", () => setTimeout(() => { filter(); write(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const [name, open] of [["open", true], ["close", false]]) {
    form.elements[name].addEventListener("click", () => {
      for (const entry of entries) entry.element.open = open;
    });
  }
  document.addEventListener("keydown", (event) => {
    const writes = event.target.closest("input:not([type=checkbox]), textarea, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes || !form.elements.slash.checked) return;
    event.preventDefault();
    form.elements.text.focus();
  });

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.all:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
  });
  addEventListener("hashchange", follow);

  form.hidden = entries.length === 0;
  filter();
  follow();
})();
