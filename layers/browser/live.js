// Keeps an open map up to date: asks once a second whether anything was changed, and paints what is in view anew.
(function () {
  "use strict";

  const EVERY_MS = 1000;
  const LONGEST_MS = 30000; // between two questions while the server does not answer

  function watch(map) {
    const own = map._minqing;
    const { tiles, progress } = own;
    const address = `/api/versions?layers=${encodeURIComponent(own.setup.state.watched)}`;
    let known = { etag: "", version: "" };
    let wait = EVERY_MS;
    let timer = 0;
    let isOver = false;

    function ask() {
      const before = tiles._state.version;
      return fetch(address, { credentials: "same-origin", headers: { "If-None-Match": known.etag } })
        .then((answer) => {
          if (answer.status === 401) isOver = true;
          if (answer.status !== 304 && !answer.ok) throw new Error(`status ${answer.status}`);
          if (answer.status === 304) return known;
          return answer.json().then(({ version }) => ({ version, etag: answer.headers.get("ETag") }));
        })
        .then((answer) => {
          wait = EVERY_MS;
          known = answer;
          // What the page said while we asked is newer than this answer.
          if (tiles._state.version === before && known.version !== before) return update(known.version);
        })
        .catch(() => {
          wait = Math.min(2 * wait, LONGEST_MS);
        });
    }

    function update(version) {
      progress.begin();
      return tiles.refresh(version).then(() => {
        progress.end();
        map.fire("minqing:updated", { version });
        map.getContainer().dispatchEvent(new CustomEvent("minqing:updated", { bubbles: true, detail: { version } }));
      });
    }

    function turn() {
      timer = 0;
      if (isOver || document.hidden || !map.getContainer().isConnected) return;
      ask().then(next);
    }

    function next() {
      if (!timer && !isOver && !document.hidden) timer = setTimeout(turn, wait);
    }

    document.addEventListener("visibilitychange", () => {
      clearTimeout(timer);
      timer = document.hidden ? 0 : setTimeout(turn, 0);
    });
    next();
  }

  window.Minqing.watch = watch;
})();
