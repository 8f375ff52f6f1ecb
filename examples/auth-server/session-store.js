// Sessions in memory with an end: /authorize opens one for everybody who asks, so their number must not be up to the askers.
const { Store } = require('express-session');

const MINUTE = 60_000;
const MIB = 1024 * 1024;

/** Those who have signed in are kept apart, so that a flood of strangers pushes out nobody but strangers. */
const BOUNDS = {
  strangers: { lifetime: 15 * MINUTE, maxBytes: 4 * MIB },
  users: { lifetime: 8 * 60 * MINUTE, maxBytes: 16 * MIB },
};

/** Keeps texts for a time. Over its bound the one that was written the longest ago goes. */
function createShelf({ lifetime, maxBytes }) {
  const entries = new Map();
  let bytes = 0;

  function remove(id) {
    bytes -= entries.get(id)?.text.length ?? 0;
    entries.delete(id);
  }

  return {
    remove,
    get(id) {
      const entry = entries.get(id);
      return entry && entry.expiresAt > Date.now() ? entry.text : undefined;
    },
    set(id, text, since = Date.now()) {
      remove(id);
      entries.set(id, { text, expiresAt: since + lifetime });
      bytes += text.length;
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
    },
    sweep() {
      for (const [id, { expiresAt }] of entries) if (expiresAt <= Date.now()) remove(id);
    },
    size: () => ({ entries: entries.size, bytes }),
  };
}

class SessionStore extends Store {
  constructor({ strangers, users } = BOUNDS) {
    super();
    this.strangers = createShelf(strangers);
    this.users = createShelf(users);
    setInterval(() => this.sweep(), MINUTE).unref();
  }

  get(id, callback) {
    const text = this.users.get(id) ?? this.strangers.get(id);
    callback(null, text === undefined ? undefined : JSON.parse(text));
  }

  set(id, session, callback) {
    this.remove(id);
    const text = JSON.stringify(session);
    // A login lasts so long and no longer, however often it is used.
    if (session.userId === undefined) this.strangers.set(id, text);
    else this.users.set(id, text, session.signedInAt);
    callback?.(null);
  }

  destroy(id, callback) {
    this.remove(id);
    callback?.(null);
  }

  remove(id) {
    this.strangers.remove(id);
    this.users.remove(id);
  }

  sweep() {
    this.strangers.sweep();
    this.users.sweep();
  }
}

module.exports = { SessionStore };
