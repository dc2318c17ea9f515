/* Keeps what is typed in <form data-draft="key"> until it was sent with success, so that a lost
   signal, a reload or a phone call costs nothing. Files, passwords and hidden fields (CSRF token,
   idempotency key) are never kept; data-draft-private keeps for this tab only.

   When was it sent with success? The server answers a good form by leading to another address
   (303) and a bad one in place. So: after a submit, the first page that was reached through a
   redirect and does not say data-draft-keep (sign-in, refusals, errors) ends the draft. */
(function () {
  "use strict";
  var PREFIX = "draft:";
  var SENT = "draft-sent";
  var DAYS_KEPT = 14;

  function attempt(work) {
    try {
      return work(); // storage may be full, or forbidden: then there is simply no draft
    } catch (nothing) {
      return null;
    }
  }

  function storeOf(form) {
    return form.hasAttribute("data-draft-private") ? sessionStorage : localStorage;
  }

  function keepable(control) {
    return control.name && !control.disabled && !control.closest("[data-draft-skip]") &&
      !/^(hidden|password|file|submit|button|reset|image)$/.test(control.type) &&
      !/^(csrf_token|idempotency_key)$/.test(control.name);
  }

  function controlsOf(form) {
    return Array.prototype.filter.call(form.elements, keepable);
  }

  function read(form) {
    var values = {};
    controlsOf(form).forEach(function (control) {
      var held = values[control.name] || (values[control.name] = []);
      if (/^(checkbox|radio)$/.test(control.type)) {
        if (control.checked) held.push(control.value);
      } else if (control.multiple) {
        Array.prototype.forEach.call(control.selectedOptions, function (option) {
          held.push(option.value);
        });
      } else {
        held.push(control.value);
      }
    });
    return values;
  }

  function write(form, values) {
    var changed = false;
    var turn = {};
    controlsOf(form).forEach(function (control) {
      var held = values[control.name];
      if (!held) return;
      if (/^(checkbox|radio)$/.test(control.type)) {
        var on = held.indexOf(control.value) >= 0;
        changed = changed || on !== control.checked;
        control.checked = on;
      } else if (control.multiple) {
        Array.prototype.forEach.call(control.options, function (option) {
          option.selected = held.indexOf(option.value) >= 0;
        });
      } else {
        var at = turn[control.name] || 0; // several fields may share a name: keep their order
        turn[control.name] = at + 1;
        if (held[at] === undefined) return;
        changed = changed || control.value !== held[at];
        control.value = held[at];
      }
    });
    return changed;
  }

  function forgetAll() {
    [localStorage, sessionStorage].forEach(function (store) {
      Object.keys(store).forEach(function (key) {
        if (key.indexOf(PREFIX) === 0 || key === SENT) store.removeItem(key);
      });
    });
  }

  function forgetOld() {
    Object.keys(localStorage).forEach(function (key) {
      if (key.indexOf(PREFIX) !== 0) return;
      var kept = attempt(function () { return JSON.parse(localStorage.getItem(key)); });
      if (!kept || Date.now() - kept.at > DAYS_KEPT * 86400000) localStorage.removeItem(key);
    });
  }

  function endSent() {
    var key = sessionStorage.getItem(SENT);
    if (!key) return;
    sessionStorage.removeItem(SENT);
    var trip = performance.getEntriesByType("navigation")[0];
    if (!trip || !trip.redirectCount || document.querySelector("[data-draft-keep]")) return;
    localStorage.removeItem(key);
    sessionStorage.removeItem(key);
  }

  function tend(form) {
    var key = PREFIX + form.dataset.draft;
    var store = storeOf(form);
    var note = form.querySelector("[data-draft-status]");
    var waiting = 0;

    function say(words) {
      if (note) note.textContent = words;
    }

    function save() {
      clearTimeout(waiting);
      waiting = 0;
      attempt(function () {
        store.setItem(key, JSON.stringify({ at: Date.now(), values: read(form) }));
        say("已保存在手机上");
      });
    }

    function offerFresh() {
      if (!note) return;
      say("上次没写完的，已经放回来了。");
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = "清空重写";
      button.addEventListener("click", function () {
        store.removeItem(key);
        form.reset();
        say("");
      });
      note.appendChild(button);
    }

    var kept = attempt(function () { return JSON.parse(store.getItem(key)); });
    if (kept && kept.values && write(form, kept.values)) offerFresh();

    form.addEventListener("input", function () {
      clearTimeout(waiting);
      waiting = setTimeout(save, 400);
    });
    form.addEventListener("change", save);
    form.addEventListener("submit", function () {
      save();
      attempt(function () { sessionStorage.setItem(SENT, key); });
    });
    // Leaving the page within the 400 ms: WeChat closes pages without asking.
    window.addEventListener("pagehide", function () {
      if (waiting) save();
    });
  }

  attempt(endSent);
  attempt(forgetOld);
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    attempt(function () { tend(form); });
  });
  // Signing out leaves nothing on a phone that may be shared.
  document.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-wipe-drafts")) attempt(forgetAll);
  });
})();
