// The exchange in five steps. Each one uses what the step before has brought.

import { byId, h, prose, workButton } from './dom.mjs';
import { renderExchange } from './exchange.mjs';
import { apiRequest, askForCode, codeParameters, createDpopClient, createPkce } from './oauth.mjs';

let held = {};

const STEPS = [
  {
    title: 'Make a secret and a key',
    text: 'The client makes a `code_verifier`, and sends only its SHA-256 (PKCE). It also makes a key pair for DPoP that never leaves the browser.',
    action: 'Make both',
    needs: () => true,
    async run(show) {
      const [pkce, client] = await Promise.all([createPkce(), createDpopClient()]);
      held = { pkce, client };
      show.facts({
        code_verifier: pkce.verifier,
        code_challenge: pkce.challenge,
        'thumbprint of the key': [client.key.jkt],
      });
    },
  },
  {
    title: 'Ask for a code',
    text: 'A hidden frame asks with `prompt=none`. Without a session the answer is `login_required`, and a window opens.',
    action: 'Ask /authorize',
    needs: () => held.pkce,
    async run(show) {
      const answer = await askForCode({ challenge: held.pkce.challenge });
      show.facts(answer);
      if (answer.error) throw new Error(answer.error_description);
      held.code = answer.code;
    },
  },
  {
    title: 'Redeem the code',
    text: 'With the verifier and a proof of the key. The first answer asks for a nonce and spends nothing; the second has the tokens.',
    action: 'POST /oauth/token',
    needs: () => held.code,
    async run(show) {
      const request = codeParameters({ code: held.code, verifier: held.pkce.verifier });
      const first = await held.client.withProof(request);
      await show.exchange(first);
      const answer = first.body.error === 'use_dpop_nonce' ? await held.client.withProof(request) : first;
      if (answer !== first) await show.exchange(answer);
      if (answer.status !== 200) throw new Error('The code was refused. Ask for a new one.');
      held.tokens = answer.body;
      held.code = undefined;
    },
  },
  {
    title: 'Use the access token',
    text: 'The API takes it only with a proof of the same key. Compare the thumbprints in the token and in the proof.',
    action: 'GET /api/notes',
    needs: () => held.tokens,
    async run(show) {
      await show.exchange(await apiRequest('/api/notes', held.tokens.access_token, held.client.key));
    },
  },
  {
    title: 'Refresh',
    text: 'The refresh token works once, with the same key, and brings its successor.',
    action: 'Refresh',
    needs: () => held.tokens,
    async run(show) {
      const request = { grant_type: 'refresh_token', refresh_token: held.tokens.refresh_token };
      const answer = await held.client.withProof(request);
      await show.exchange(answer);
      if (answer.status !== 200) throw new Error('The login has ended. Begin again with step 1.');
      held.tokens = answer.body;
    },
  },
];

export function renderSteps() {
  const items = STEPS.map((step, index) => {
    const output = h('div', { class: 'step-output', 'aria-live': 'polite' });
    const button = workButton(step.action, () => run(step, output, items), { kind: index === 0 ? 'primary' : '' });
    const item = h(
      'li',
      { class: 'step' },
      h('div', { class: 'step-head' }, h('div', {}, h('h3', {}, step.title), h('p', {}, ...prose(step.text))), button),
      output,
    );
    return { step, item, button, output };
  });
  byId('step-list').replaceChildren(...items.map(({ item }) => item));
  update(items);
}

async function run(step, output, items) {
  const own = STEPS.indexOf(step);
  output.replaceChildren();
  // A new secret or a new code: what was done with the old one is over.
  for (const later of own < 2 ? items.slice(own + 1) : []) {
    later.output.replaceChildren();
    later.item.classList.remove('done');
  }
  const show = {
    facts: (facts) => output.append(renderFacts(facts)),
    exchange: async ({ exchange }) => output.append(await renderExchange(exchange)),
  };
  try {
    await step.run(show);
    items[own].item.classList.add('done');
  } catch (error) {
    output.append(h('p', { class: 'alert' }, error.message));
  }
  update(items, own);
}

function update(items, last = -1) {
  for (const { step, button } of items) {
    button.disabled = !step.needs();
    button.classList.remove('primary');
  }
  const next = items.find(({ button }, index) => index > last && !button.disabled) ?? items[last];
  next.button.classList.add('primary');
}

/** A value in a list is a thumbprint, and is marked. */
function renderFacts(facts) {
  return h(
    'dl',
    { class: 'facts' },
    ...Object.entries(facts).map(([name, value]) =>
      h(
        'div',
        {},
        h('dt', {}, name),
        h('dd', { class: 'random' }, Array.isArray(value) ? h('mark', { class: 'key' }, value[0]) : value),
      ),
    ),
  );
}
