// Every exchange of this browser, the newest first. What is in it is made when it is opened.

import { byId, h } from './dom.mjs';
import { exchangeTitle, renderExchange } from './exchange.mjs';
import { listen } from './live.mjs';

const MAX_ROWS = 60;
const SHOWN = 12; // As style.css has it.

export function renderLog() {
  const list = byId('log-list');
  listen((exchange) => {
    byId('log-empty').hidden = true;
    const details = h('details', {}, h('summary', {}, h('time', {}, timeOf(exchange.at)), exchangeTitle(exchange)));
    details.addEventListener('toggle', async () => {
      if (details.open && details.childElementCount === 1) details.append(await renderExchange(exchange));
    });
    list.prepend(h('li', {}, details));
    byId('log-more').hidden = list.childElementCount <= SHOWN || list.classList.contains('all');
    while (list.childElementCount > MAX_ROWS) list.lastElementChild.remove();
  });
  byId('log-more').addEventListener('click', ({ target }) => {
    list.classList.add('all');
    target.hidden = true;
  });
  byId('all-fields').addEventListener('change', ({ target }) =>
    document.body.classList.toggle('all-fields', target.checked),
  );
}

const timeOf = (at) => new Date(at).toLocaleTimeString('en-GB');
