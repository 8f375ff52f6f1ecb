/** What the client was told, and what it knows when the browser comes back to it. */
export const login = JSON.parse(process.argv[2]);

export const callback = new URL(`${login.redirectUri}?${new URLSearchParams({ code: login.code, iss: login.issuer })}`);

/** Redeems with the wrong credential first, and then with the right one: tells the spec how each ended. */
export async function redeemTwice(redeem) {
  const ended = async (credential) => {
    try {
      const { access_token } = await redeem(credential);
      return { access_token };
    } catch (error) {
      return {
        refused: JSON.stringify([error.error, error.code, error.message, error.data?.payload, error.cause?.error]),
      };
    }
  };
  console.log(JSON.stringify([await ended(login.wrong), await ended(login.right)]));
}
