import type { Backend, FoundToken } from './backend';
import { digestOf } from './digest';
import { createExpiringMap } from './expiring-map';
import { ageOf, createFamily, type Family, join, now, rotationOf } from './memory-family';
import type { Place } from './rotation';

interface Grant {
  /** The digest of the grant. All its tokens share this copy. */
  key: string;
  user: string | null;
  code: { text: string; spentAt: number | null; spentBy: string | null } | null;
  isRevoked: boolean;
  family: Family | null;
}

/** Grants in the memory of this process. Later calls remove what has expired. */
export function createMemoryBackend(): Backend {
  const grants = createExpiringMap<Grant>();
  const tokens = createExpiringMap<Place>();
  const users = createExpiringMap<{ grants: string[]; next: number }>();

  /** Finds or makes a grant, and keeps it for at least this long. */
  const keep = (key: string, lifetime: number, user: string | null): Grant => {
    const grant = grants.get(key) ?? { key, user, code: null, isRevoked: false, family: null };
    if (!grants.add(key, grant, lifetime)) grants.extend(key, lifetime);
    grant.user ??= user;
    if (user !== null) keepUser(user, key, lifetime);
    return grant;
  };

  const keepUser = (user: string, key: string, lifetime: number) => {
    const known = users.get(user) ?? { grants: [], next: 16 };
    known.grants.push(key);
    // Expired grants are removed when the list has doubled, so each call takes constant time on average.
    if (known.grants.length > known.next) {
      known.grants = [...new Set(known.grants)].filter((each) => grants.get(each));
      known.next = 2 * known.grants.length + 16;
    }
    if (!users.add(user, known, lifetime)) users.extend(user, lifetime);
  };

  const findLive = ({ grant: key, generation, number }: Place): Family | null => {
    const grant = grants.get(key);
    if (!grant?.family || grant.isRevoked) return null;
    const { family } = grant;
    return family.generation === generation && number >= family.floor ? family : null;
  };

  const revoke = (key: string, lifetime: number) => {
    keep(key, lifetime, null).isRevoked = true;
  };

  return {
    digest: digestOf,

    saveCode(key, { text, user, lifetime }) {
      if (grants.get(key)?.code) return false;
      keep(key, lifetime, user).code = { text, spentAt: null, spentBy: null };
      return true;
    },

    findCode(key) {
      users.sweep();
      const code = grants.get(key)?.code;
      return code ? { text: code.text, spentFor: ageOf(code.spentAt), spentBy: code.spentBy } : null;
    },

    consumeCode(key, spentBy, spentLifetime) {
      const grant = grants.get(key);
      if (!grant?.code || grant.code.spentAt !== null || grant.isRevoked) return false;
      Object.assign(grant.code, { spentAt: now(), spentBy });
      keep(key, spentLifetime, grant.user);
      return true;
    },

    saveToken(token, saved) {
      const { grant: key, presented, lifetime, user, text, endsAt } = saved;
      if (tokens.get(token)) return 'known';
      const known = grants.get(key);
      if (known?.isRevoked) return 'revoked';
      if (!known?.family && presented) return 'unknown';
      const family = known?.family ?? createFamily();
      const refused = join(family, saved);
      if (refused) return refused;
      Object.assign(family, { text, endsAt, issued: family.issued + 1 });
      const grant = keep(key, lifetime, user);
      grant.family = family;
      tokens.add(token, { grant: grant.key, generation: family.generation, number: family.issued - 1 }, lifetime);
      return 'saved';
    },

    findToken(token): FoundToken | null {
      const place = tokens.get(token);
      if (!place) return null;
      const grant = grants.get(place.grant);
      if (!grant?.family || grant.isRevoked) return null;
      const { text, endsAt } = grant.family;
      return { place, text, endsAt, rotation: rotationOf(grant.family) };
    },

    consumeToken(place) {
      const family = findLive(place);
      if (!family) return false;
      const { generation, floor: spentFloor } = family;
      const spent = { spentAt: now(), spender: place.number, spentFloor };
      Object.assign(family, { generation: generation + 1, issued: 0, floor: 0, late: 0, ...spent });
      return true;
    },

    extendToken(place, endsAt) {
      const family = findLive(place);
      if (family) family.endsAt = endsAt;
    },

    findGrant(key) {
      const grant = grants.get(key);
      return grant ? { isRevoked: grant.isRevoked } : null;
    },

    revoke,

    revokeUser(user, lifetime) {
      for (const key of users.get(user)?.grants ?? []) revoke(key, lifetime);
    },
  };
}
