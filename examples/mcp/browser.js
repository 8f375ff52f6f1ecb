// Stands for a user and a browser: signs in as ada on the page of /authorize, allows, and returns where that leads.
async function openBrowser(url, answer = 'yes') {
  const cookies = new Map();
  const go = async (target, form) => {
    const response = await fetch(target, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const text of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text);
      cookies.set(name, value);
    }
    return { location: response.headers.get('location'), text: await response.text() };
  };

  let page = await go(url);
  while (!page.location) {
    const [, interaction] = /name="interaction" value="([^"]+)"/.exec(page.text) ?? [];
    if (!interaction) throw new Error(`This page has no form:\n${page.text}`);
    const isLogin = page.text.includes('action="/login"');
    const form = isLogin ? { username: 'ada', password: 'tin-kettle' } : { answer };
    page = await go(new URL(isLogin ? '/login' : '/consent', url), { interaction, ...form });
  }
  return new URL(page.location);
}

module.exports = { openBrowser };
