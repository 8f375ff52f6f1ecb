const given = JSON.parse(process.argv[2]);

/** What the client knows when the browser comes back to it. */
export const login = {
  ...given,
  callback: new URL(`${given.redirectUri}?${new URLSearchParams({ code: given.code })}`),
};

/** Tells the spec what the client was given. */
export const finish = (tokens) => console.log(JSON.stringify(tokens));
