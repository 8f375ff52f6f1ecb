const NEW_A_MINUTE = 60;
const NEW_A_MINUTE_AND_NETWORK = 10;
const MINUTE_MS = 60_000;

/** Limits new URLs per minute, in total and per network, so that one network cannot use up everything. */
export function createAdmission(now: () => number): (network: string) => boolean {
  let began = now();
  let total = 0;
  const byNetwork = new Map<string, number>();

  return function admitNew(network) {
    if (now() - began >= MINUTE_MS) {
      began = now();
      total = 0;
      byNetwork.clear();
    }
    const own = byNetwork.get(network) ?? 0;
    if (total >= NEW_A_MINUTE || own >= NEW_A_MINUTE_AND_NETWORK) return false;
    total += 1;
    byNetwork.set(network, own + 1);
    return true;
  };
}
