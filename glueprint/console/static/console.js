// Everything here is a convenience: pages can be read, and forms sent, without it.
(function () {
  "use strict";

  // Times in the reader's zone.
  var format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  function localTimes(root) {
    root.querySelectorAll("time[datetime]").forEach(function (one) {
      var when = new Date(one.getAttribute("datetime"));
      if (isNaN(when) || one.title) return;
      one.title = one.textContent;
      one.textContent = format.format(when);
    });
  }

  // Durations of what has not ended.
  function shownDuration(seconds) {
    if (seconds < 0) seconds = 0;
    if (seconds < 10) return seconds.toFixed(1) + " s";
    if (seconds < 60) return Math.round(seconds) + " s";
    var minutes = Math.floor(seconds / 60), rest = Math.floor(seconds % 60);
    if (minutes < 60) return minutes + " min " + String(rest).padStart(2, "0") + " s";
    return Math.floor(minutes / 60) + " h " + String(minutes % 60).padStart(2, "0") + " min";
  }
  function tick() {
    document.querySelectorAll("[data-since]").forEach(function (one) {
      one.textContent = shownDuration((Date.now() - new Date(one.getAttribute("data-since"))) / 1000);
    });
  }
  setInterval(tick, 1000);

  // Theme.
  var theme = document.getElementById("theme");
  function currentTheme() {
    return document.documentElement.dataset.theme ||
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }
  function labelTheme() {
    if (theme) theme.setAttribute("aria-label", currentTheme() === "dark" ? "Use the light theme" : "Use the dark theme");
  }
  if (theme) {
    theme.hidden = false;
    labelTheme();
    theme.addEventListener("click", function () {
      var next = currentTheme() === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = next;
      try { localStorage.setItem("theme", next); } catch (e) { /* storage may be off */ }
      labelTheme();
    });
  }

  // Live pages: the same page again, at most once a second; only parts that differ are replaced. An unchanged page
  // is answered with 304 and no content.
  var live = document.querySelector("[data-live]");
  var every = 1000 * (live && Number(live.dataset.live) || 1), tag = null, failures = 0;
  function isBusy(part) {
    var active = document.activeElement;
    if (part.contains(active) && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName)) return true;
    var selection = window.getSelection();
    return selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  }
  // The focus stays on the same link or button when its part is replaced.
  function mark(one) {
    return one.tagName + "|" + (one.id || one.getAttribute("href") || one.getAttribute("name") || one.textContent.trim());
  }
  function refocus(part, wanted) {
    part.querySelectorAll("a, button, summary, input, [tabindex]").forEach(function (one) {
      if (wanted && mark(one) === wanted) { one.focus({ preventScroll: true }); wanted = ""; }
    });
  }
  function merge(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html");
    fresh.querySelectorAll("[data-part]").forEach(function (part) {
      var old = document.getElementById(part.id);
      if (!old) return;
      localTimes(part);
      var open = [];
      old.querySelectorAll("details[open][id]").forEach(function (one) { open.push(one.id); });
      if (isBusy(old) || old.outerHTML === part.outerHTML) return;
      var scroller = old.querySelector("[data-scroll]");
      var left = scroller ? scroller.scrollLeft : 0, top = scroller ? scroller.scrollTop : 0;
      var focused = old.contains(document.activeElement) ? mark(document.activeElement) : "";
      var copy = document.importNode(part, true);
      open.forEach(function (id) { var one = copy.querySelector("#" + CSS.escape(id)); if (one) one.open = true; });
      old.replaceWith(copy);
      scroller = copy.querySelector("[data-scroll]");
      if (scroller) { scroller.scrollLeft = left; scroller.scrollTop = top; }
      if (focused) refocus(copy, focused);
    });
    document.title = fresh.title;
    return fresh.querySelector("[data-live]") !== null;
  }
  function refresh() {
    if (document.hidden) { setTimeout(refresh, 1000); return; }
    var headers = { "X-Refresh": "1" };
    if (tag) headers["If-None-Match"] = tag;
    fetch(location.href, { headers: headers, credentials: "same-origin", cache: "no-store" }).then(function (answer) {
      failures = 0;
      document.body.classList.remove("offline");
      if (answer.status === 304) return true;
      if (answer.status === 401) { location.reload(); return false; }
      if (!answer.ok) return false;
      tag = answer.headers.get("ETag");
      return answer.text().then(merge);
    }).catch(function () {
      failures += 1;
      document.body.classList.add("offline");
      return true;
    }).then(function (again) {
      if (again) setTimeout(refresh, Math.min(every * Math.pow(2, failures), 30000));
    });
  }
  if (live) setTimeout(refresh, every);
  function refreshOnce() {
    fetch(location.href, { headers: { "X-Refresh": "1" }, credentials: "same-origin", cache: "no-store" }).then(function (answer) {
      if (answer.ok) answer.text().then(merge);
    }).catch(function () { /* the next one may succeed */ });
  }

  // The log tail: only new lines are requested.
  var tail = document.getElementById("log");
  function searchLog() {
    var field = document.getElementById("log-search");
    var count = document.getElementById("log-count");
    if (!tail || !field) return;
    var text = field.value.toLowerCase(), found = 0;
    tail.querySelectorAll("li").forEach(function (line) {
      var hit = !text || line.textContent.toLowerCase().indexOf(text) >= 0;
      line.hidden = !hit;
      if (hit) found += 1;
    });
    if (count) count.textContent = text ? found + " lines" : "";
  }
  if (tail && tail.dataset.tail) {
    var box = tail.parentElement;
    var pull = function () {
      if (document.hidden) { setTimeout(pull, 1000); return; }
      fetch(tail.dataset.tail + "&from=" + encodeURIComponent(tail.dataset.from), { headers: { "X-Refresh": "1" }, cache: "no-store" })
        .then(function (answer) { return answer.ok ? answer.json() : null; })
        .then(function (found) {
          if (!found) return;
          tail.dataset.from = found.from;
          var atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
          found.lines.forEach(function (line) {
            var one = document.createElement("li");
            if (line.error) one.className = "err";
            one.textContent = line.text;
            tail.appendChild(one);
          });
          if (found.lines.length) {
            var empty = document.getElementById("log-empty");
            if (empty) empty.hidden = true;
            searchLog();
            if (atEnd) box.scrollTop = box.scrollHeight;
          }
          if (found.done || found.state !== tail.dataset.state) refreshOnce();
          tail.dataset.state = found.state;
          if (!found.done) setTimeout(pull, 1000);
        }).catch(function () { setTimeout(pull, 5000); });
    };
    box.scrollTop = box.scrollHeight;
    setTimeout(pull, 1000);
  }
  var search = document.getElementById("log-search");
  if (search) search.addEventListener("input", searchLog);

  // Filters of tables, lists of values, copying.
  document.querySelectorAll("[data-filter]").forEach(function (field) {
    var table = document.getElementById(field.dataset.filter);
    field.addEventListener("input", function () {
      var text = field.value.toLowerCase();
      document.getElementById(field.dataset.filter).querySelectorAll("tbody tr").forEach(function (row) {
        row.hidden = text && row.textContent.toLowerCase().indexOf(text) < 0;
      });
    });
    if (table) field.hidden = false;
  });
  document.addEventListener("click", function (event) {
    var copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(function () {
        copy.classList.add("copied");
        setTimeout(function () { copy.classList.remove("copied"); }, 1200);
      });
    }
  });

  // Ctrl-Enter sends the form of a text of several lines, such as a query.
  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.tagName === "TEXTAREA" && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  // Keyboard: "/" searches, "g" and a letter goes to a page, "?" lists the keys.
  var went = false;
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    var help = document.getElementById("keys");
    if (went) {
      went = false;
      var link = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "/") {
      var field = document.getElementById("search");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    } else if (event.key === "g") {
      went = true;
      setTimeout(function () { went = false; }, 1500);
    } else if (event.key === "?" && help && help.showModal) {
      event.preventDefault();
      if (help.open) help.close(); else help.showModal();
    }
  });

  // On a small screen the pages are one line that scrolls: the present one is in sight.
  var here = document.querySelector(".side [aria-current]");
  if (here) here.closest("nav").scrollLeft = here.offsetLeft - 60;

  localTimes(document);
  tick();
})();
