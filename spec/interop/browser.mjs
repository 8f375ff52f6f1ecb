/** A browser without a screen: it keeps cookies by origin, follows redirects, signs in as Ada and says yes to every page. */
export async function browse(start, { until }) {
  const jars = new Map();
  let [url, form] = [new URL(start), undefined];
  for (let step = 0; step < 20; step += 1) {
    if (form === undefined && until?.(url)) return { url };
    if (!jars.has(url.origin)) jars.set(url.origin, new Map());
    const jar = jars.get(url.origin);
    const answer = await fetch(url, {
      redirect: 'manual',
      // A connection of its own: on a busy machine the server closes a kept one just as it is used again.
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), connection: 'close' },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const text of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text);
      jar.set(name, value);
    }
    const text = await answer.text();
    const location = answer.headers.get('location');
    if (location !== null) {
      [url, form] = [new URL(location, url), undefined];
    } else if (text.includes('name="interaction"')) {
      const [, interaction] = /name="interaction" value="([^"]+)"/.exec(text);
      const isLogin = text.includes('action="/login"');
      form = isLogin ? { interaction, username: 'ada', password: 'tin-kettle' } : { interaction, answer: 'yes' };
      url = new URL(isLogin ? '/login' : '/consent', url);
    } else {
      return { url, status: answer.status, text };
    }
  }
  throw new Error(`The browser went round in circles, last at ${url}`);
}

export const SCOPES = ['openid', 'profile', 'offline_access', 'read:notes'];
export const scope = SCOPES.join(' ');
export const redirectUri = 'http://localhost:8976/callback';
export const OTHER_VERIFIER = 'another-verifier-another-verifier-another-verifier';

/** The callback URL that the browser of a user ends at. */
export const signIn = async (url) => (await browse(url, { until: (at) => at.href.startsWith(redirectUri) })).url;
