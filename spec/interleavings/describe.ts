import { digestOf, shorten } from '../../lib/stores/digest';

/** Instants and ages: all that happens in a play is young. */
const TIMES =
  /^(?:spentFor|spent_for|spentAt|spent_at|revoked_at|rotated_at|kept_until|endsAt|ends_at|ends|spent|redeemed)$/;

/** The names of what is random in a play, so that its stores and answers can be described as those of any other play. */
export function createNames() {
  const names = new Map<string, string>();

  const describeText = (text: string) =>
    text
      .replace(/^\\x/, '')
      .replaceAll(/date:[^"]*/g, 'date')
      .replaceAll(/[\w-]{43,64}/g, (word) => names.get(word) ?? word);

  /** Names stand for what is random, and a time only says that there is one. All else stays as it is. */
  function describe(value: unknown): unknown {
    if (typeof value === 'string') return describeText(value);
    if (Array.isArray(value)) return value.map(describe);
    if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => {
        const isTime = TIMES.test(name) && each !== null && each !== undefined && each !== '';
        return [describeText(name), isTime ? 'a time' : describe(each)];
      }),
    );
  }

  return {
    describe,
    nameOf: (text: string | undefined) => names.get(String(text)),
    /** Names a text and its digests, and the digests of these, in each spelling. */
    give(text: string, name: string) {
      names.set(text, name);
      for (const digest of [digestOf(text), digestOf(digestOf(text))]) {
        names.set(digest, name).set(shorten(digest), name);
      }
    },
  };
}
