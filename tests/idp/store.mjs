// What the provider remembers, in memory: codes, tokens, grants and sessions with their expiry.

const GRACE = 300; // seconds that an expired record stays, so that its code is "expired" and not "unknown"

export class Store {
  #records = new Map();
  #grants = new Map();

  /** The adapter class that oidc-provider makes one instance of for each model. */
  get Adapter() {
    const store = this;
    return class {
      constructor(model) { this.model = model; }
      async upsert(id, payload, lifetime) { store.put(this.model, id, payload, lifetime); }
      async find(id) { return store.get(this.model, id); }
      async findByUid(uid) { return store.search(this.model, 'uid', uid); }
      async findByUserCode(code) { return store.search(this.model, 'userCode', code); }
      async destroy(id) { store.drop([`${this.model}:${id}`]); }
      async revokeByGrantId(grant) { store.dropGrant(grant); }
      async consume(id) {
        const payload = store.get(this.model, id);
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      }
    };
  }

  put(model, id, payload, lifetime) {
    const key = `${model}:${id}`;
    const until = lifetime ? Date.now() + (lifetime + GRACE) * 1000 : Infinity;
    this.#records.set(key, { payload: { ...payload }, until });
    if (payload.grantId && model !== 'Session') {
      if (!this.#grants.has(payload.grantId)) this.#grants.set(payload.grantId, []);
      this.#grants.get(payload.grantId).push(key);
    }
  }

  get(model, id) {
    const record = this.#records.get(`${model}:${id}`);
    return record && record.until > Date.now() ? record.payload : undefined;
  }

  search(model, field, value) {
    return this.payloads(model).find((payload) => payload[field] === value);
  }

  payloads(model) {
    const keys = [...this.#records.keys()].filter((key) => key.startsWith(`${model}:`));
    return keys.map((key) => this.get(model, key.slice(model.length + 1))).filter(Boolean);
  }

  drop(keys) {
    for (const key of keys) this.#records.delete(key);
  }

  dropGrant(grant) {
    this.drop(this.#grants.get(grant) ?? []);
    this.#grants.delete(grant);
  }

  /** Forget every token and grant at once, as an administrator would. */
  dropLogins() {
    this.drop([...this.#records.keys()].filter((key) => /^(AccessToken|RefreshToken|Grant):/.test(key)));
  }
}
