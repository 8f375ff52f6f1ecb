const FACTS = Symbol.for('express-token-router.facts');

/** What the doctor of ./testing reads off routers and adapters. Nothing that serves requests reads it. */
export interface Facts {
  /** The factory whose store lives in this process. */
  inProcess?: string;
  /** Milliseconds that a spent code is still found for. */
  spentLifetime?: () => number;
  /** The options of a router, checked and complete. */
  router?: object;
  /** The options of a DPoP verifier. */
  verifier?: object;
  /** The lifetimes of an issuer's tokens. */
  issuer?: object;
}

/** Tells what is known of a router or an adapter. On the function itself, so that it is still there once it is destructured. */
export function tellFacts<Told extends object>(told: Told, facts: Facts): Told {
  return Object.defineProperty(told, FACTS, { value: { ...factsOf(told), ...facts }, configurable: true });
}

/** Tells of each function of a store that it remembers in this process only. */
export function tellInProcess<Store extends object>(inProcess: string, store: Store): Store {
  for (const each of Object.values(store)) if (typeof each === 'function') tellFacts(each, { inProcess });
  return store;
}

/** What was told. `{}` for what a host wrote or wrapped. */
export function factsOf(told: unknown): Facts {
  return Object(told)[FACTS] ?? {};
}
