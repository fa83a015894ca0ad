// When the server closes the page's websocket because the session is over, go and sign in again.
(() => {
  const signIn = () =>
    location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search));
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...where) {
      super(...where);
      this.addEventListener("close", async (closing) => {
        if (closing.code === 1008) return signIn();
        // A refused handshake looks like a lost network; only the server can tell the two apart.
        const answer = await fetch("/_stcore/health").catch(() => null);
        if (answer?.status === 401) signIn();
      });
    }
  };
})();
