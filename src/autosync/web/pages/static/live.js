// Puts the fragments that the server sends in place of those on the page, says when the connection is lost, and counts
// down to what is next. Everything on the page works without it.
"use strict";
(() => {
  const lost = document.getElementById("connection");
  const LONGEST_SILENCE = 25000; // the server says every ten seconds that it is there
  const PAUSE = 2000;

  function made(markup) {
    const parsed = new DOMParser().parseFromString("<template>" + markup + "</template>", "text/html");
    const element = parsed.querySelector("template").content.firstElementChild;
    return element && document.adoptNode(element);
  }

  function put(id, markup) {
    const old = document.getElementById(id);
    const fresh = old && old.outerHTML !== markup && made(markup);
    if (!fresh || fresh.isEqualNode(old)) return;
    keep(old, fresh);
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  // What the visitor has opened, ticked or typed stays so.
  function keep(old, fresh) {
    for (const was of old.querySelectorAll("details[id], input[id], select[id], textarea[id]")) {
      const is = fresh.querySelector("#" + CSS.escape(was.id));
      if (!is || is.tagName !== was.tagName) continue;
      if (was.tagName === "DETAILS") is.open = was.open;
      else if (was.type === "radio" || was.type === "checkbox") is.checked = was.checked;
      else if (was.tagName === "SELECT" || was.value !== was.defaultValue) is.value = was.value;
    }
  }

  // Lists: whoever left one may have moved to another, so all are emptied of strangers first.
  function arrange(lists, news) {
    const away = new Map();
    for (const [id, children] of lists) {
      for (const child of [...(document.getElementById(id)?.children ?? [])]) {
        if (children.includes(child.id)) continue;
        away.set(child.id, child);
        child.remove();
      }
    }
    for (const [id, children] of lists) {
      const list = document.getElementById(id);
      let next = list?.firstElementChild ?? null;
      for (const child of list ? children : []) {
        const element = document.getElementById(child) ?? away.get(child) ?? made(news[child] ?? "");
        if (element && element === next) next = next.nextElementSibling;
        else if (element) list.insertBefore(element, next);
      }
    }
  }

  function show(news) {
    const all = Object.entries(news);
    arrange(all.filter(([, value]) => Array.isArray(value)), news);
    for (const [id, value] of all) if (!Array.isArray(value)) put(id, value);
    count();
  }

  function listen(path) {
    let events, timer;
    const open = () => {
      events = new EventSource(path);
      events.addEventListener("fragments", (event) => { alive(); show(JSON.parse(event.data)); });
      events.addEventListener("alive", alive);
      events.addEventListener("reload", () => { close(); location.reload(); });
      events.addEventListener("error", () => {
        lost.hidden = false;
        if (events.readyState === EventSource.CLOSED) again(PAUSE);
      });
      expect();
    };
    const close = () => { clearTimeout(timer); events.close(); };
    const again = (pause) => { close(); timer = setTimeout(open, pause); };
    const expect = () => {
      clearTimeout(timer);
      timer = setTimeout(() => { lost.hidden = false; again(0); }, LONGEST_SILENCE);
    };
    const alive = () => { lost.hidden = true; expect(); };
    addEventListener("offline", () => { lost.hidden = false; });
    addEventListener("pagehide", close);
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    open();
  }

  // <time datetime="…" data-countdown>: how long until then, in words that change once a minute at most.
  // data-ahead: seconds by which the demo's clock is ahead.
  function count() {
    for (const element of document.querySelectorAll("time[data-countdown]")) {
      const seconds = (new Date(element.dateTime) - Date.now()) / 1000 - Number(element.dataset.ahead || 0);
      const words = inWords(Math.round(seconds / 60));
      if (element.textContent !== words) element.textContent = words;
    }
  }

  function inWords(minutes) {
    if (minutes <= 0) return "any moment";
    if (minutes < 60) return `in ${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `in ${hours} h ${minutes % 60} min`;
    return `in ${Math.floor(hours / 24)} days ${hours % 24} h`;
  }

  count();
  setInterval(count, 10000);
  if (document.body.dataset.live && lost) listen(document.body.dataset.live);
})();
