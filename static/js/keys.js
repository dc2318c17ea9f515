/* For people at a desk: "/" jumps to the search field, j and k walk through rows and focus each
   row's first link, so that Enter opens it. Never while something is being typed. */
(function () {
  "use strict";

  function typing(target) {
    return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
  }

  function walk(step) {
    var rows = Array.prototype.filter.call(document.querySelectorAll("[data-row]"), function (row) {
      return row.querySelector("a, button, input");
    });
    if (!rows.length) return;
    var here = document.activeElement.closest("[data-row]");
    var next = here ? rows.indexOf(here) + step : step > 0 ? 0 : rows.length - 1;
    var row = rows[Math.max(0, Math.min(rows.length - 1, next))];
    row.querySelector("a, button, input").focus();
    row.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) return;
    var search = document.querySelector("[data-search]");
    if (event.key === "/" && search) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "j") {
      walk(1);
    } else if (event.key === "k") {
      walk(-1);
    }
  });
})();
