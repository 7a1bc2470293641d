// Chooses a location in S3 for a field of a form. Without it, locations are typed.
(function () {
  "use strict";
  var dialog = document.getElementById("picker");
  if (!dialog || !dialog.showModal) return;
  var body = document.getElementById("picker-body"), field = null, kind = "";

  function show(address) {
    body.setAttribute("aria-busy", "true");
    fetch(address, { headers: { "X-Refresh": "1" }, credentials: "same-origin", cache: "no-store" }).then(function (answer) {
      if (answer.status === 401) { location.reload(); return ""; }
      return answer.text();
    }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-choices], main");
      body.replaceChildren(fresh ? document.importNode(fresh, true) : "The console does not answer.");
    }).catch(function () {
      body.replaceChildren("The console does not answer.");
    }).then(function () {
      body.removeAttribute("aria-busy");
      var first = body.querySelector("[data-choose], ul a, a");
      (first || dialog).focus();
    });
  }
  function write(value) {
    if (field.tagName === "TEXTAREA") {
      var lines = field.value.split("\n").filter(function (one) { return one.trim(); });
      field.value = lines.concat(value).join("\n") + "\n";
    } else {
      field.value = value;
    }
    dialog.close();
    field.focus();
  }
  document.querySelectorAll("[data-pick]").forEach(function (button) {
    button.addEventListener("click", function () {
      field = document.getElementById(button.dataset.pick);
      kind = button.dataset.kind;
      var typed = field.tagName === "TEXTAREA" ? "" : field.value.trim();
      var at = kind === "locations" && typed.indexOf("s3://") === 0 && typed.length > 5 ? typed : "";
      body.replaceChildren("Reading ...");
      dialog.showModal();
      show("/s3/choices?kind=" + kind + "&at=" + encodeURIComponent(at));
    });
  });
  dialog.addEventListener("click", function (event) {
    var link = event.target.closest("[data-browse]"), choice = event.target.closest("[data-choose]");
    if (link) { event.preventDefault(); show(link.getAttribute("href")); }
    if (choice) write(choice.dataset.choose);
  });
})();
