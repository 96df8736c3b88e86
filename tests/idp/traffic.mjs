// What happens around the provider's own answers: counting, polling discipline, and faults that tests order.

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const COUNTED = ['discovery', 'device_auth', 'poll', 'slow_down', 'refresh', 'refresh_ok', 'refresh_err', 'revoke',
  'grants_revoked'];
const KINDS = {
  '/.well-known/openid-configuration': 'discovery',
  '/device/auth': 'device_auth',
  '/token/revocation': 'revoke',
};
const GRANTS = { [DEVICE_GRANT]: 'poll', refresh_token: 'refresh' };
const SLOW_DOWN = { error: 'slow_down', error_description: 'you are polling too quickly' };
const TIMER_SLACK = 50; // milliseconds that a punctual client may be early

export class Traffic {
  #options;
  #faults; #discovery; #replies; #polls;

  constructor(options) {
    this.#options = options;
    this.reset();
  }

  reset() {
    this.stats = Object.fromEntries(COUNTED.map((name) => [name, 0]));
    this.#faults = [];
    this.#polls = new Map();
    this.patch({});
  }

  /** From now on, overwrite these members of successful replies; null takes one out. */
  patch({ discovery = {}, responses = {} }) {
    this.#replies = { ...responses, discovery };
  }

  /** The next `times` requests go wrong: before the provider sees them, or after it has acted. */
  addFault(fault) {
    this.#faults.push({ times: 1, when: 'before', path: '/token', ...fault });
  }

  /** The middleware. */
  async handle(ctx, next) {
    if (await this.#spoil(ctx, this.#fault((f) => f.when === 'before' && f.path === ctx.path))) return;
    await next();
    const kind = KINDS[ctx.path] ?? (ctx.path === '/token' && GRANTS[ctx.oidc?.params?.grant_type]);
    if (!kind) return;
    this.stats[kind] += 1;
    if (ctx.status === 200) this.#change(ctx, kind);
    if (kind === 'poll' && ctx.body?.error === 'authorization_pending') this.#discipline(ctx);
    if (kind === 'refresh') this.stats[ctx.status === 200 ? 'refresh_ok' : 'refresh_err'] += 1;
    await this.#spoil(ctx, this.#fault((f) => f.when === 'after' && f.kind === kind));
  }

  #change(ctx, kind) {
    // The package never sends an interval.
    const interval = kind === 'device_auth' && this.#options.interval != null ? { interval: this.#options.interval } : {};
    const body = { ...ctx.body, ...interval, ...this.#replies[kind] };
    ctx.body = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  }

  /** Answer `slow_down` to who polls too fast; the package itself never does. */
  #discipline(ctx) {
    const id = ctx.oidc.params.device_code;
    const now = Date.now();
    const known = this.#polls.get(id) ?? { last: -Infinity, gap: (this.#options.interval ?? 5) * 1000 };
    const isTooFast = this.#options.enforceInterval && now - known.last < known.gap - TIMER_SLACK;
    if (isTooFast) {
      this.stats.slow_down += 1;
      ctx.body = SLOW_DOWN;
    }
    this.#polls.set(id, { last: now, gap: known.gap + (isTooFast ? 5000 : 0) });
  }

  #fault(matches) {
    const fault = this.#faults.find(matches);
    if (fault && --fault.times <= 0) this.#faults = this.#faults.filter((each) => each !== fault);
    return fault;
  }

  /** Do to the reply what the fault says; whether that was all there is to the request. */
  async #spoil(ctx, fault) {
    if (!fault) return false;
    if (fault.delay_ms) await new Promise((done) => { setTimeout(done, fault.delay_ms); });
    if (fault.drop) {
      ctx.req.socket.destroy();
      ctx.respond = false;
    } else if (fault.status) {
      ctx.status = fault.status;
      ctx.set(fault.headers ?? {});
      ctx.body = fault.body ?? '';
    }
    return Boolean(fault.drop || fault.status);
  }
}
