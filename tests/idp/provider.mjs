// An OpenID provider on a loopback port, to try logging in with: everybody may be anybody. Never for real use.
//
//   node tests/idp/provider.mjs [--port 8766] [--token-seconds 60]
//       prints what to type to log in here, and runs until Ctrl-C
//   node tests/idp/provider.mjs --test '{"accessTokenTTL": 3}'
//       for tests: prints one line of JSON on a free port, takes orders, ends when its stdin is closed

import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import Provider, { errors } from 'oidc-provider';

import { controlled, verbsFor } from './control.mjs';
import { Store } from './store.mjs';
import { DEVICE_GRANT, Traffic } from './traffic.mjs';

const { values: flags } = parseArgs({
  options: {
    port: { type: 'string', default: '8766' },
    'token-seconds': { type: 'string', default: '60' },
    test: { type: 'string' },
  },
});
const isTest = flags.test !== undefined;

const options = {
  accessTokenTTL: isTest ? 3600 : Number(flags['token-seconds']), // seconds, as all of these
  refreshTokenTTL: 86400,
  deviceCodeTTL: 600,
  idTokenTTL: 3600,
  interval: 1, // between two polls; null leaves it out of the answer
  enforceInterval: true, // answer slow_down to who polls faster
  rotate: true, // a refresh token is good once; using it again ends the login
  jwt: true, // access tokens are JWTs; else opaque, which can be revoked
  resource: 'https://api.example.test', // the audience
  scope: 'compute:read compute:write', // of the API
  identityScopes: ['openid', 'offline_access', 'profile', 'email'],
  clientId: 'cudo-shell',
  ...JSON.parse(flags.test ?? '{}'),
};

// Terminal escapes, a clipboard command and a change of direction, in what a client may print.
const HOSTILE_NAME = 'Mal\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u202Elory';
const NAMES = { alice: 'Alice Admin', mallory: HOSTILE_NAME };

function personOf(sub) {
  if (!/^[a-z][a-z0-9._-]{0,63}$/i.test(sub)) return undefined;
  const claims = { sub, email: `${sub}@example.test`, email_verified: true, name: NAMES[sub] ?? sub };
  return { accountId: sub, claims: async () => claims };
}

/** A new key for each start: the package's own one is public. */
function signingKeys() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(6).toString('hex');
  return { keys: [{ ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] };
}

function resourceServer(_ctx, resource) {
  if (resource !== options.resource) throw new errors.InvalidTarget();
  return {
    scope: options.scope,
    audience: resource,
    accessTokenTTL: options.accessTokenTTL,
    accessTokenFormat: options.jwt ? 'jwt' : 'opaque',
    jwt: { sign: { alg: 'RS256' } },
  };
}

function configuration(store) {
  return {
    adapter: store.Adapter,
    jwks: signingKeys(),
    cookies: { keys: [randomBytes(16).toString('hex')] },
    clients: [{
      client_id: options.clientId,
      client_name: 'Cudo shell',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: [DEVICE_GRANT, 'refresh_token'],
      response_types: [],
      redirect_uris: [],
    }],
    scopes: options.identityScopes,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false, // the claims of profile and email are in the ID token
    extraTokenClaims: async (_ctx, token) => ({ email: `${token.accountId}@example.test` }),
    findAccount: async (_ctx, sub) => personOf(sub),
    rotateRefreshToken: options.rotate,
    issueRefreshToken: async (_ctx, client, code) => (
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access')
    ),
    ttl: {
      AccessToken: () => options.accessTokenTTL,
      RefreshToken: options.refreshTokenTTL,
      DeviceCode: options.deviceCodeTTL,
      IdToken: options.idTokenTTL,
      Grant: 86400,
      Session: 3600,
      Interaction: 600,
    },
    features: {
      devInteractions: { enabled: true }, // the pages
      deviceFlow: { enabled: true, mask: '****-****', charset: 'base-20' },
      revocation: { enabled: true, allowedPolicy: () => true },
      userinfo: { enabled: true },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => options.resource,
        useGrantedResource: () => true,
        getResourceServerInfo: resourceServer,
      },
    },
  };
}

function listening(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
  });
}

function welcome(issuer) {
  return `An OpenID provider on ${issuer}, to try logging in with. Ctrl-C ends it.
Its pages take any name, such as alice, with any password. Access tokens last ${options.accessTokenTTL} s.

A sandbox that takes its tokens, in a second terminal:

  cudo-sandbox --issuer ${issuer} --audience ${options.resource}

The shell, in a third:

  cudo context create dev --api-url http://127.0.0.1:8765 --issuer ${issuer} --client-id ${options.clientId} \
--audience ${options.resource} --project demo
  cudo --context dev
`;
}

const server = createServer();
let issuer;
try {
  issuer = await listening(server, isTest ? 0 : Number(flags.port));
} catch (error) {
  console.error(`provider.mjs: cannot listen on port ${flags.port}: ${error.message}`);
  process.exit(1);
}

const store = new Store();
const traffic = new Traffic(options);
const provider = new Provider(issuer, configuration(store));
provider.use((ctx, next) => traffic.handle(ctx, next));
provider.on('server_error', (_ctx, error) => console.error('server_error', error));
provider.on('grant.revoked', () => { traffic.stats.grants_revoked += 1; });

if (isTest) {
  const key = randomBytes(16).toString('hex');
  server.on('request', controlled(verbsFor({ provider, store, traffic, options }), key, provider.callback()));
  const { clientId: client_id, resource, identityScopes, scope } = options;
  const scopes = [...identityScopes, ...scope.split(' ')];
  process.stdout.write(`${JSON.stringify({ issuer, key, client_id, audience: resource, scopes })}\n`);
  process.stdin.resume().on('end', () => process.exit(0)).on('error', () => process.exit(0));
} else {
  server.on('request', provider.callback());
  process.stdout.write(welcome(issuer));
}
