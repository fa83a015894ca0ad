// Keeps an open map up to date: asks once a second whether anything was changed, and paints what is in view anew.
(function () {
  "use strict";

  const EVERY_MS = 1000;
  const LONGEST_MS = 30000; // between two questions while the server does not answer

  const nameOf = ({ z, x, y }) => `${z}/${x}/${y}`;

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

    // Which of the tiles in view are what they were at a version; none, when the server cannot tell.
    function unchanged(since) {
      const inView = tiles.inView();
      if (!inView.length) return Promise.resolve([]);
      const query = tiles.question();
      query.set("since", since);
      query.set("tiles", inView.map(nameOf).join());
      return fetch(`/api/stale?${query}`, { credentials: "same-origin" })
        .then((answer) => answer.json())
        .then(({ stale }) => inView.filter((at) => !stale.includes(nameOf(at))))
        .catch(() => []);
    }

    async function update(version) {
      const before = tiles._state.version;
      const same = await unchanged(before);
      if (tiles._state.version !== before) return;
      progress.begin();
      await tiles.refresh(version, same);
      progress.end();
      map.fire("minqing:updated", { version });
      map.getContainer().dispatchEvent(new CustomEvent("minqing:updated", { bubbles: true, detail: { version } }));
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
