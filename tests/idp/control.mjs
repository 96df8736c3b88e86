// What a test may order: POST /__control/VERB with the key that was printed at the start.

const epoch = () => Math.floor(Date.now() / 1000);
const normalized = (code) => String(code).replace(/[^a-zA-Z0-9]/g, '').toUpperCase();

/** The verbs, each a function of the JSON body. */
export function verbsFor({ provider, store, traffic, options }) {
  async function deviceCode(userCode) {
    const code = await provider.DeviceCode.findByUserCode(normalized(userCode), { ignoreExpiration: true });
    if (!code) throw new Error('no such user code');
    return code;
  }

  return {
    /** What the pages do when a person agrees. */
    async approve({ user_code, sub = 'alice' }) {
      const code = await deviceCode(user_code);
      const wanted = new Set(String(code.params.scope ?? 'openid').split(' '));
      const [identity, api] = [options.identityScopes, options.scope.split(' ')].map(
        (scopes) => scopes.filter((scope) => wanted.has(scope)).join(' '),
      );
      const grant = new provider.Grant({ accountId: sub, clientId: code.clientId });
      if (identity) grant.addOIDCScope(identity);
      if (api) grant.addResourceScope(options.resource, api);
      const scope = [identity, api].filter(Boolean).join(' ');
      const grantId = await grant.save();
      Object.assign(code, { accountId: sub, grantId, scope, authTime: epoch(), resource: options.resource });
      await code.save();
    },
    async deny({ user_code }) {
      const code = await deviceCode(user_code);
      Object.assign(code, { error: 'access_denied', errorDescription: 'the person said no' });
      await code.save();
    },
    async expire_device({ user_code }) {
      store.search('DeviceCode', 'userCode', normalized(user_code)).exp = epoch() - 1;
    },
    async revoke_all() { store.dropLogins(); },
    async fault(body) { traffic.addFault(body); },
    async patch(body) { traffic.patch(body); },
    async set(body) { Object.assign(options, body); },
    async stats() { return traffic.stats; },
    async reset() { traffic.reset(); },
  };
}

/** A handler of node:http that answers control requests, and hands on all others. */
export function controlled(verbs, key, otherwise) {
  return async (request, response) => {
    const verb = /^\/__control\/(\w+)$/.exec(request.url)?.[1];
    if (!verb) return otherwise(request, response);
    if (request.headers['x-control-key'] !== key || !Object.hasOwn(verbs, verb)) return response.writeHead(404).end();
    try {
      const body = await text(request);
      const result = await verbs[verb](JSON.parse(body || '{}'));
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result ?? {}));
    } catch (error) {
      return response.writeHead(500).end(String(error.stack ?? error));
    }
  };
}

async function text(request) {
  let all = '';
  for await (const chunk of request) all += chunk;
  return all;
}
