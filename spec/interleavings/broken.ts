import type { Break } from './gated-stores';

/** Reads whether the code is spent, and writes that it is: two steps, the second of which nobody looks at. */
export const readThenWriteCodes: Break = (backend, step) => ({
  async consumeCode(grant, spentBy, lifetime) {
    const found = await step('reads the code', true, () => backend.findCode(grant));
    if (!found || found.spentFor !== null) return false;
    await step('writes the code', false, () => backend.consumeCode(grant, spentBy, lifetime));
    return true;
  },
});

/** The same for refresh tokens. */
export const readThenWriteTokens: Break = (backend, step) => {
  const spent = new Set<string>();
  return {
    async consumeToken(place) {
      const key = JSON.stringify(place);
      if (await step('reads the token', true, () => spent.has(key))) return false;
      await step('writes the token', false, () => {
        spent.add(key);
        return backend.consumeToken(place);
      });
      return true;
    },
  };
};

/** Looks whether the grant is revoked, and then saves: whoever revokes in between is not seen. */
export const lookThenSave: Break = (backend, step) => ({
  async saveToken(token, saved) {
    const grant = await step('reads the grant', true, () => backend.findGrant(saved.grant));
    if (grant?.isRevoked) return 'revoked';
    await step('saves the token', false, () => backend.saveToken(token, saved));
    return 'saved';
  },
});
