// Puts the fragments that the server sends in place of those on the page, says when the connection is lost, and counts
// down to what is next. Everything on the page works without it.
"use strict";
(() => {
  const lost = document.getElementById("connection");

  function put(id, markup) {
    const old = document.getElementById(id);
    if (!old || old.outerHTML === markup) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const fresh = new DOMParser().parseFromString("<template>" + markup + "</template>", "text/html");
    const element = fresh.querySelector("template").content.firstElementChild;
    if (!element || element.isEqualNode(old)) return;
    old.replaceWith(document.adoptNode(element));
    if (focused) document.getElementById(focused)?.focus();
    count();
  }

  function listen(path) {
    const events = new EventSource(path);
    let silence;
    const alive = () => {
      lost.hidden = true;
      clearTimeout(silence);
    };
    const gone = () => {
      lost.hidden = false;
      if (events.readyState === EventSource.CLOSED) {
        clearTimeout(silence);
        silence = setTimeout(() => listen(path), 2000);
      }
    };
    events.addEventListener("open", alive);
    events.addEventListener("error", gone);
    events.addEventListener("fragments", (event) => {
      alive();
      for (const [id, markup] of Object.entries(JSON.parse(event.data))) put(id, markup);
    });
    events.addEventListener("reload", () => location.reload());
    addEventListener("offline", () => { lost.hidden = false; });
    addEventListener("pagehide", () => events.close());
  }

  // <time datetime="…" data-countdown>: how long until then, in words that change once a minute at most
  function count() {
    for (const element of document.querySelectorAll("time[data-countdown]")) {
      const minutes = Math.round((new Date(element.dateTime) - Date.now()) / 60000) - Number(element.dataset.ahead || 0);
      const words = inWords(minutes);
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
