import { OAuthError } from '../../lib';
import { digestOf } from '../../lib/stores/digest';
import { memoryRefreshTokens } from '../../lib/stores/memory';
import { postgresRefreshTokens } from '../../lib/stores/postgres';
import { redisRefreshTokens } from '../../lib/stores/redis';
import { createRefreshTokenRecord } from '../../lib/testing';
import { describeWith } from '../support/servers';
import { emptyTables, usePostgres, useRedis } from './backends';

type Store = ReturnType<typeof memoryRefreshTokens>;

const END = () => ({ expiresAt: new Date(Date.now() + 60_000) });

/** A login whose first token is `one`. */
async function logIn(store: Store) {
  const record = { ...createRefreshTokenRecord({ grantId: `grant ${Math.random()}` }), ...END() };
  await store.saveRefreshToken('one', record);
  const find = async (token: string) => {
    const found = await store.findRefreshToken(token);
    if (!found) throw new Error('it is there');
    return found;
  };
  const refresh = async (token: string, next: string) => {
    const found = await find(token);
    await store.consumeRefreshToken(found);
    await store.saveRefreshToken(next, { ...found, ...END() });
  };
  return { ...store, record, find, refresh };
}

const MISSING =
  'saveRefreshToken: tokenId is missing; pass the tokenId that findRefreshToken returned for the token you replace';
const KNOWN = 'saveRefreshToken: this token was saved before; tokens are random and used once';

function describeRefusals(createStore: () => Store | Promise<Store>) {
  it('if it was saved before, live or spent', async () => {
    const { saveRefreshToken, consumeRefreshToken, refresh, record, find } = await logIn(await createStore());
    await expect(saveRefreshToken('one', record)).rejects.toThrow(new Error(KNOWN));
    await refresh('one', 'two');
    const two = await find('two');
    await consumeRefreshToken(two);
    await expect(saveRefreshToken('one', { ...two, ...END() })).rejects.toThrow(new Error(KNOWN));
  });

  it('without a tokenId once the first token is spent', async () => {
    const { saveRefreshToken, refresh, record } = await logIn(await createStore());
    await refresh('one', 'two');
    await expect(saveRefreshToken('three', record)).rejects.toThrow(new TypeError(MISSING));
  });

  it('for a token that is not spent', async () => {
    const { saveRefreshToken, find } = await logIn(await createStore());
    await expect(saveRefreshToken('two', { ...(await find('one')), ...END() })).rejects.toThrow(
      new TypeError('saveRefreshToken: the token that it is issued for is not spent; call consumeRefreshToken first'),
    );
  });

  it('for a token whose successor was used, which is a refusal', async () => {
    const { saveRefreshToken, refresh, find } = await logIn(await createStore());
    const one = await find('one');
    await refresh('one', 'two');
    await refresh('two', 'three');
    const refused = await saveRefreshToken('four', { ...one, ...END() }).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(OAuthError);
    expect(refused).toMatchObject({
      error: 'invalid_grant',
      error_description: 'Unknown or invalid refresh token',
      reason: 'refresh_token_overtaken',
    });
  });

  it('more than fifty times for one token, or for none', async () => {
    const refusal = {
      error: 'invalid_grant',
      error_description: 'Unknown or invalid refresh token',
      reason: 'refresh_token_repeated_too_often',
    };
    const { saveRefreshToken, consumeRefreshToken, record, find } = await logIn(await createStore());
    for (let nth = 2; nth <= 50; nth += 1) await saveRefreshToken(`first ${nth}`, record);
    await expect(saveRefreshToken('first 51', record)).rejects.toMatchObject(refusal);
    const one = await find('one');
    await consumeRefreshToken(one);
    for (let nth = 1; nth <= 50; nth += 1) await saveRefreshToken(`next ${nth}`, { ...one, ...END() });
    await expect(saveRefreshToken('next 51', { ...one, ...END() })).rejects.toMatchObject(refusal);
  });

  it('for a grant that the store does not know, which is a fault', async () => {
    const { saveRefreshToken } = await createStore();
    const record = { ...createRefreshTokenRecord({ grantId: 'gone' }), tokenId: `${digestOf('gone')}.0.0.live` };
    const thrown = (await saveRefreshToken('two', record).catch((error: unknown) => error)) as OAuthError;
    expect(thrown).toMatchObject({ error: 'server_error', reason: 'grant_unknown' });
    expect(thrown.cause).toEqual(new Error('saveRefreshToken: the store does not know this grant any more'));
  });

  it('with the tokenId of another grant', async () => {
    const { saveRefreshToken, find } = await logIn(await createStore());
    const { tokenId } = await find('one');
    await expect(
      saveRefreshToken('two', { ...createRefreshTokenRecord({ grantId: 'another' }), tokenId }),
    ).rejects.toThrow(new TypeError('saveRefreshToken: tokenId is of another grant than grantId'));
  });
}

describe('A refresh token is not saved by memoryRefreshTokens', () => {
  describeRefusals(() => memoryRefreshTokens());
});

describeWith('redis-server', 'A refresh token is not saved by redisRefreshTokens', () => {
  const { send } = useRedis();
  describeRefusals(async () => {
    await send('FLUSHALL');
    return redisRefreshTokens({ sendCommand: send });
  });
});

describeWith('postgres', 'A refresh token is not saved by postgresRefreshTokens', () => {
  const { send } = usePostgres();
  describeRefusals(async () => {
    await emptyTables(send);
    return postgresRefreshTokens({ query: send });
  });
});
