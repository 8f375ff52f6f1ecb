// Elements are made, never parsed: nothing that came over the wire can become HTML.
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'onclick') element.addEventListener('click', value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false && child !== null));
  return element;
}

/** A text in which `backticks` stand for code. */
export const prose = (text) => text.split('`').map((part, index) => (index % 2 === 1 ? h('code', {}, part) : part));

export const byId = (id) => document.getElementById(id);

/** A button that cannot be pressed again while its work goes on. */
export function workButton(label, work, { kind = '' } = {}) {
  return busyWhile(h('button', { type: 'button', class: `button ${kind}` }, label), work);
}

export function busyWhile(button, work) {
  button.addEventListener('click', async () => {
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    try {
      await work(button);
    } finally {
      button.removeAttribute('aria-busy');
    }
  });
  return button;
}
