const FACTS = Symbol.for('express-token-router.facts');

/**
 * What `inspectTokenRouter` of ./testing reads from routers and adapters. Code that serves requests does not read it.
 */
export interface Facts {
  /** The name of the factory, if its store is in the memory of this process. */
  inProcess?: string;
  /** Milliseconds for which a spent code is still found. */
  spentLifetime?: () => number;
  /** The options of a router, checked and complete. */
  router?: object;
  /** The options of a DPoP verifier. */
  verifier?: object;
  /** The lifetimes of an issuer's tokens. */
  issuer?: object;
}

/** Attaches facts to a router or an adapter: to the function itself, so that they survive destructuring. */
export function tellFacts<Told extends object>(told: Told, facts: Facts): Told {
  return Object.defineProperty(told, FACTS, { value: { ...factsOf(told), ...facts }, configurable: true });
}

/** Marks each function of a store that is in the memory of this process. */
export function tellInProcess<Store extends object>(inProcess: string, store: Store): Store {
  for (const each of Object.values(store)) if (typeof each === 'function') tellFacts(each, { inProcess });
  return store;
}

/** Returns the facts of a router or an adapter. `{}` for a function that the host wrote or wrapped. */
export function factsOf(told: unknown): Facts {
  return Object(told)[FACTS] ?? {};
}
