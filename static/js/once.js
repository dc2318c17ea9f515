/* A slow network invites a second press. The server is safe anyway (idempotency keys); this only
   spares people the doubt: after the first press the buttons rest until the page comes back. */
(function () {
  "use strict";
  var PATIENCE = 20000; // a lost connection must not leave the form dead

  function rest(form, resting) {
    form.querySelectorAll("[type=submit]").forEach(function (button) {
      if (resting) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    });
    if (resting) form.dataset.sent = "1";
    else delete form.dataset.sent;
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    rest(form, true);
    setTimeout(rest, PATIENCE, form, false);
  });

  // Coming back by the browser's back button shows the page as it was left: wake it.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      rest(form, false);
    });
  });

  // A form that came back with errors: bring the reader to them.
  var trouble = document.querySelector("[data-focus]");
  if (trouble) trouble.focus();
})();
