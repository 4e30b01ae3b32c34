// Sends the demo's forms without leaving the page, so that what is typed elsewhere and where one has scrolled stay as
// they are; the news come by live.js. Without it the same forms load the page anew.
"use strict";
addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-stay]");
  if (!form) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  form.reset();
  try {
    // A redirect is what the page answers when all went well; there is no need to follow it.
    const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual" });
    if (answer.type !== "opaqueredirect") location.reload();
  } catch {
    document.getElementById("connection").hidden = false;
  }
});
