/* One question page at a time on a phone. Without this script, and when the form came back with
   errors, everything stands on one long page and can be sent all the same. */
(function () {
  "use strict";
  var room = document.querySelector("[data-steps]");
  var send = document.querySelector("[data-send]");
  if (!room || !send || document.querySelector(".errors-summary")) return;
  if (!window.matchMedia("(max-width: 699px)").matches) return;

  var steps = Array.prototype.slice.call(room.querySelectorAll("[data-step]"));
  var form = room.closest("form");
  var at = 0;

  var where = document.createElement("p");
  where.className = "walk-where";
  where.setAttribute("role", "status");
  var bar = document.createElement("div");
  bar.className = "walk-bar";
  var progress = document.createElement("progress");
  progress.setAttribute("aria-hidden", "true");
  bar.append(progress);
  room.prepend(where, bar);

  function button(words, kind, act) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "button button-" + kind;
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  function wanted() {
    var result = form.querySelector("[name=result]:checked"); // a form without it has no shorter way
    var met = !result || result.value === "met" || result.value === "family";
    return steps.filter(function (step) {
      return met || !step.classList.contains("when-met");
    });
  }

  function show(move) {
    var open = wanted();
    at = Math.max(0, Math.min(at, open.length - 1));
    steps.forEach(function (step) {
      step.hidden = step !== open[at];
    });
    where.textContent = "第 " + (at + 1) + " 步，共 " + open.length + " 步";
    progress.max = open.length;
    progress.value = at + 1;
    var last = at === open.length - 1;
    hand.hidden = !last;
    next.hidden = last;
    back.hidden = at === 0;
    if (move) {
      window.scrollTo(0, 0);
      var head = open[at].querySelector("h2");
      head.tabIndex = -1;
      head.focus({ preventScroll: true });
    }
  }

  var hand = send.querySelector(".button-primary");
  var back = button("上一步", "quiet", function () { at -= 1; show(true); });
  var next = button("下一步", "primary", function () {
    if (at === 0 && form.querySelector("[name=result]") && !form.querySelector("[name=result]:checked")) {
      where.textContent = "请先选一项：这次见到谁了";
      window.scrollTo(0, 0);
      return;
    }
    at += 1;
    show(true);
  });
  send.prepend(back, next);
  form.addEventListener("change", function (event) {
    if (event.target.name === "result") show(false);
  });
  // Enter in a field goes on instead of sending half a record.
  form.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.matches("input:not([type=file])") && !next.hidden) {
      event.preventDefault();
      next.click();
    }
  });
  room.classList.add("is-walking");
  show(false);
})();
