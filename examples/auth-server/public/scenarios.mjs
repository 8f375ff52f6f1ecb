// What goes wrong, and what becomes of it.

import { busyWhile, byId, h } from './dom.mjs';
import { renderExchange } from './exchange.mjs';
import {
  apiRequest,
  codeParameters,
  createDpopClient,
  createKey,
  freshCode,
  random,
  redirectUri,
  tokenRequest,
} from './oauth.mjs';

/** A code, and a client that has its nonce already, so that each scenario shows one thing. */
async function begin() {
  const [client, login] = [await createDpopClient(), await freshCode()];
  await client.withProof(codeParameters(login)); // The challenge brings the nonce, and spends nothing.
  return { client, login };
}

async function redeemAfterwards(show, client, login, text) {
  show.text(text);
  await show.exchange(await client.withProof(codeParameters(login)));
}

const STILL_GOOD = 'Nothing was spent. The honest client redeems the same code:';

const SCENARIOS = [
  {
    title: 'Redeem again',
    text: 'The same code a second time.',
    async run(show) {
      const { client, login } = await begin();
      const { body } = await show.exchange(await client.withProof(codeParameters(login)));
      show.text('It worked once. Two seconds later the same request again (earlier it would count as a double click):');
      await new Promise((resolve) => setTimeout(resolve, 2200));
      await show.exchange(await client.withProof(codeParameters(login)));
      show.text('Two had this code, so the tokens of the first answer have ended as well:');
      await show.exchange(await apiRequest('/api/notes', body.access_token, client.key));
    },
  },
  {
    title: 'Another verifier',
    text: 'A thief has the code, but not the verifier.',
    async run(show) {
      const { client, login } = await begin();
      await show.exchange(await client.withProof(codeParameters({ ...login, verifier: random() })));
      await redeemAfterwards(show, client, login, STILL_GOOD);
    },
  },
  {
    title: 'Another redirect URI',
    text: 'The code is redeemed with an address it was not sent to.',
    async run(show) {
      const { client, login } = await begin();
      await show.exchange(await client.withProof(codeParameters({ ...login, redirect: `${redirectUri}elsewhere` })));
      await redeemAfterwards(show, client, login, STILL_GOOD);
    },
  },
  {
    title: 'A bad proof',
    text: 'The proof names one key and is signed by another.',
    async run(show) {
      const [{ client, login }, thief] = [await begin(), await createKey()];
      await show.exchange(await client.withProof(codeParameters(login), { signWith: thief }));
      await redeemAfterwards(show, client, login, STILL_GOOD);
    },
  },
  {
    title: 'A stale nonce',
    text: 'A nonce that this server accepts no more.',
    async run(show) {
      const { client, login } = await begin();
      const stale = `${client.nonce().slice(0, -6)}AAAAAA`;
      show.text('Nonces expire after five minutes. Not to keep you waiting, the end of this one was changed:');
      await show.exchange(await client.withProof(codeParameters(login), { nonce: stale }));
      await redeemAfterwards(
        show,
        client,
        login,
        'The answer brought a fresh nonce, and the client tries again with it:',
      );
    },
  },
  {
    title: 'A stolen refresh token',
    text: 'Without DPoP. The owner goes on, then the thief uses the old one.',
    async run(show) {
      const refresh = (refresh_token) => tokenRequest({ grant_type: 'refresh_token', refresh_token });
      const first = await show.exchange(await tokenRequest(codeParameters(await freshCode())));
      const second = await refresh(first.body.refresh_token);
      const third = await refresh(second.body.refresh_token);
      show.text('The owner has refreshed twice since. Now the thief sends the first refresh token:');
      await show.exchange(await refresh(first.body.refresh_token));
      show.text(
        'Two have this login, and nobody knows which of them is the owner. So it ends for both; the owner signs in again:',
      );
      await show.exchange(await refresh(third.body.refresh_token));
    },
  },
  {
    title: 'Stolen, but bound',
    text: 'With DPoP. The thief has the refresh token, but not the key.',
    async run(show) {
      const [{ client, login }, thief] = [await begin(), await createKey()];
      const { body } = await client.withProof(codeParameters(login));
      const request = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
      await show.exchange(await client.withProof(request, { key: thief, signWith: thief }));
      show.text('The token is of no use without the key. The owner has noticed nothing:');
      await show.exchange(await client.withProof(request));
    },
  },
  {
    title: '20 at once',
    text: 'Twenty requests race with one code.',
    async run(show) {
      const login = await freshCode();
      const answers = await Promise.all(Array.from({ length: 20 }, () => tokenRequest(codeParameters(login))));
      const issued = answers.filter(({ status }) => status === 200);
      show.cells(answers.map(({ status }) => status));
      show.text(`${issued.length} of 20 got tokens. The winner, and one of the others:`);
      await show.exchange(issued[0]);
      await show.exchange(answers.find(({ status }) => status !== 200));
    },
  },
];

export function renderScenarios() {
  const result = byId('scenario-result');
  const cards = SCENARIOS.map((scenario, index) => {
    const card = h(
      'button',
      { type: 'button', class: 'scenario-card' },
      h(
        'strong',
        { class: 'scenario-title' },
        scenario.title,
        h('span', { class: 'arrow', 'aria-hidden': 'true' }, ' →'),
      ),
      ' ',
      h('span', { class: 'scenario-text' }, scenario.text),
    );
    return busyWhile(card, () => run(scenario, result, cards, index));
  });
  byId('scenario-list').replaceChildren(...cards);
}

let runs = 0;
async function run(scenario, result, cards, index) {
  runs += 1;
  const own = runs;
  for (const [each, card] of cards.entries()) {
    card.classList.toggle('chosen', each === index);
    if (each === index) card.setAttribute('aria-current', 'true');
    else card.removeAttribute('aria-current');
  }
  const begun = h('p', { class: 'begun' }, 'Getting a fresh code. If a window has opened, sign in there.');
  const output = h('div', { class: 'result-list' });
  result.replaceChildren(h('h3', {}, scenario.title), begun, output);
  // Whoever presses the next button sees that one only.
  const append = (element) => {
    if (own !== runs) return;
    begun.remove();
    output.append(element);
  };
  reveal(result);
  const show = {
    text: (text) => append(h('p', { class: 'narration' }, text)),
    cells: (statuses) => append(renderCells(statuses)),
    async exchange(answer) {
      append(await renderExchange(answer.exchange));
      return answer;
    },
  };
  try {
    await scenario.run(show);
    append(h('p', { class: 'finished' }, 'Done.'));
  } catch (error) {
    append(h('p', { class: 'alert' }, error.message));
  }
}

/** On a phone the result is far below its button. */
function reveal(result) {
  if (result.getBoundingClientRect().top > window.innerHeight * 0.6) result.scrollIntoView({ block: 'start' });
}

function renderCells(statuses) {
  const cells = statuses.map((status) => h('li', { class: status === 200 ? 'cell good' : 'cell bad' }, String(status)));
  return h('ol', { class: 'cells' }, ...cells);
}
