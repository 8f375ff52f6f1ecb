import type { Caller, Held } from './callers';
import { List } from './list';

/** The requests that are still sending their body. */
export interface Senders {
  /**
   * Adds a request. If all places are taken, removes and returns the oldest request of the address that has the most.
   */
  add(sender: Held): Held | undefined;
  remove(sender: Held): void;
}

/** Keeps the addresses by their number of requests, so that the one with the most is found in constant time. */
export function createSenders(max: number): Senders {
  const levels: List<Caller>[] = [];
  let most = 0;
  let count = 0;

  const levelOf = (length: number) => {
    levels[length] ??= new List();
    return levels[length];
  };

  /** Moves an address up or down by one. */
  function move(caller: Caller, from: number, to: number): void {
    if (from > 0) levelOf(from).remove(caller);
    if (to > 0) levelOf(to).push(caller);
    if (to > most || (from === most && levelOf(from).length === 0)) most = to;
  }

  function remove(sender: Held): void {
    const { sending } = sender.caller;
    sending.remove(sender);
    count -= 1;
    move(sender.caller, sending.length + 1, sending.length);
  }

  return {
    add(sender) {
      const lost = count >= max ? levelOf(most).first?.sending.first : undefined;
      if (lost) remove(lost);
      const { sending } = sender.caller;
      sending.push(sender);
      count += 1;
      move(sender.caller, sending.length - 1, sending.length);
      return lost;
    },
    remove,
  };
}
