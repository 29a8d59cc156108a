// What the page shows comes as server-sent events, each a member of the state that package page documents. All text goes
// into the page as text, never as HTML: console lines and paths are whatever clients sent.

const $ = (selector, within = document) => within.querySelector(selector);

/** Makes an element; children are elements or text. */
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

let panel = { control: false };

// Messages and copies

let fading;
/** Says what went wrong, for a while. */
const complain = (text) => {
  const message = $('#message');
  message.textContent = text;
  message.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (message.hidden = true), 8000);
};

/** Copies text. The clipboard's own interface is there on secure origins alone, which a machine in the network is not. */
const copy = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = make('textarea', { class: 'unseen', readonly: true }, text);
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) throw new Error('the browser does not allow it');
};

const copyButton = (label, text) =>
  make('button', {
    class: 'quiet',
    'aria-label': label,
    async onclick(event) {
      const button = event.currentTarget;
      try {
        await copy(text());
        button.textContent = 'Copied';
        button.classList.add('done');
        setTimeout(() => { button.textContent = 'Copy'; button.classList.remove('done'); }, 1500);
      } catch (error) {
        complain(`Nothing was copied: ${error.message}.`);
      }
    },
  }, 'Copy');

$('#copy-url').replaceWith(copyButton('Copy the address', () => panel.url));

// Faults

/** Sends a request of the control method. */
const control = async (name, body) => {
  try {
    const answer = await fetch(`/control/${name}`, { method: 'POST', body: body && JSON.stringify(body) });
    if (!answer.ok) complain(`${name}: ${(await answer.text()).trim() || answer.status}`);
    return answer.ok;
  } catch {
    complain(`${name}: panelsim does not answer.`);
    return false;
  }
};

const strikes = [
  ['500', 'Answer 500 and do nothing'],
  ['502', 'Answer 502, as if the node could not be reached'],
  ['429 3s', 'Answer 429 and ask for three seconds of patience'],
  ['delay 2s', 'Wait for two seconds, then answer as usual'],
  ['html', 'Answer 200 and the page of a proxy'],
  ['garbage', 'Answer 200 and JSON that breaks off'],
  ['truncated', 'End the connection halfway through the right answer'],
  ['reset', 'Reset the connection and do nothing'],
  ['lost', 'Do all that was asked, but end the connection before the answer'],
];
for (const [fault, title] of strikes) {
  $('#strikes').append(make('button', {
    title,
    onclick: () => control('fail', { operation: $('#operation').value.trim(), times: $('#times').valueAsNumber || 1, faults: [fault] }),
  }, fault));
}
for (const button of document.querySelectorAll('[data-control]')) {
  const { control: name, for: lasting, after } = button.dataset;
  button.addEventListener('click', () => control(name, { for: lasting, after: after && Number(after), nodes: nodes.map(({ id }) => id) }));
}
$('#limits').addEventListener('submit', (event) => {
  event.preventDefault();
  const { client, application } = event.currentTarget.elements;
  control('rate-limits', { client: client.valueAsNumber, application: application.valueAsNumber });
});

// Console lines: the colors of ANSI sequences, all other sequences left out

const colors = { 30: 'gray', 31: 'red', 32: 'green', 33: 'yellow', 34: 'blue', 35: 'magenta', 36: 'cyan', 90: 'gray', 91: 'red', 92: 'green', 93: 'yellow', 94: 'blue', 95: 'magenta', 96: 'cyan' };
const sequences = /\x1b\[([0-9;?]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f]/g;

const colored = (line) => {
  const pieces = [];
  let color = '', bold = false, from = 0;
  const piece = (text) => {
    if (text) pieces.push(color || bold ? make('span', { class: `${color}${bold ? ' bold' : ''}`.trim() }, text) : text);
  };
  for (const found of line.matchAll(sequences)) {
    piece(line.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[2] !== 'm') continue;
    for (const code of found[1].split(';').map(Number)) {
      if (code === 0) [color, bold] = ['', false];
      else if (code === 1) bold = true;
      else if (code === 22) bold = false;
      else if (code === 39) color = '';
      else if (colors[code]) color = colors[code];
    }
  }
  piece(line.slice(from));
  return pieces;
};

/** Shows the last lines of a console, and stays at the end if it was there. */
const showLines = (pre, lines, printed) => {
  const fresh = printed - Number(pre.dataset.printed ?? -Infinity);
  if (fresh === 0) return;
  const atEnd = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 8;
  const keeps = fresh > 0 && fresh < lines.length;
  if (!keeps) pre.replaceChildren();
  for (const line of keeps ? lines.slice(-fresh) : lines) pre.append(make('span', {}, ...colored(line), '\n'));
  while (pre.children.length > lines.length) pre.firstChild.remove();
  pre.dataset.printed = printed;
  if (atEnd) pre.scrollTop = pre.scrollHeight;
};

/** Keeps one element for each item, in the order of the items. */
const keep = (parent, items, keyOf, create) => {
  const known = new Map([...parent.children].map((element) => [element.dataset.key, element]));
  let after = null;
  for (const item of items) {
    const key = String(keyOf(item));
    let element = known.get(key);
    if (!element) {
      element = create(item);
      element.dataset.key = key;
    }
    known.delete(key);
    element.show?.(item);
    const place = after ? after.nextSibling : parent.firstChild;
    if (place !== element) parent.insertBefore(element, place);
    after = element;
  }
  for (const gone of known.values()) gone.remove();
};

const serverCard = ({ identifier, name }) => {
  const title = make('h3', {});
  const state = make('span', {});
  const about = make('p', {});
  const pre = make('pre', { tabindex: 0, role: 'log', 'aria-label': `Console of ${name}`, 'aria-live': 'off' });
  const line = make('input', { placeholder: 'Print a line, as the game', 'aria-label': `A line for the game of ${name} to print`, autocomplete: 'off', spellcheck: false });
  const print = make('form', {
    async onsubmit(event) {
      event.preventDefault();
      if (line.value && (await control('print', { server: identifier, lines: [line.value] }))) line.value = '';
    },
  }, line);
  const suspend = make('button', { onclick: () => control(suspend.dataset.does, { server: identifier }) });
  const crash = make('button', { onclick: () => control('crash', { server: identifier }), 'aria-label': `Crash ${name}` }, 'Crash');
  const move = make('button', { onclick: () => control('transfer', { server: identifier, node: Number(move.dataset.node) }) }, 'Move');
  const acts = make('div', { class: 'acts' }, suspend, crash, move);
  const card = make('article', { class: 'card', 'aria-label': `Server ${name}` }, make('div', {}, title, state, about), pre, print, acts);
  card.show = (server) => {
    title.textContent = server.name;
    state.className = `state ${server.status || server.power}`;
    state.textContent = (server.status || server.power).replaceAll('_', ' ');
    about.replaceChildren(make('code', {}, server.identifier), ` · ${server.owner} · ${server.node}`);
    showLines(pre, server.lines, server.printed);
    const suspended = server.status === 'suspended';
    suspend.dataset.does = suspended ? 'unsuspend' : 'suspend';
    suspend.textContent = suspended ? 'Unsuspend' : 'Suspend';
    suspend.setAttribute('aria-label', `${suspend.textContent} ${server.name}`);
    crash.disabled = server.power === 'offline';
    const target = nodes.find((node) => node.name !== server.node && node.up);
    move.disabled = !target;
    move.dataset.node = target?.id ?? '';
    move.title = target ? `Move to ${target.name}` : 'There is no other node';
    move.setAttribute('aria-label', `Move ${server.name}`);
    print.hidden = acts.hidden = !panel.control;
  };
  return card;
};

const nodeRow = ({ id }) => {
  const state = make('span', {});
  const address = make('code', {});
  const toggle = make('button', { onclick: () => control(toggle.dataset.does, { node: id }) });
  const row = make('li', { class: 'node' }, state, address, toggle);
  row.show = (node) => {
    state.className = `state ${node.up ? 'up' : 'down'}`;
    state.textContent = `${node.name}, ${node.up ? 'up' : 'down'}`;
    address.textContent = node.url;
    toggle.dataset.does = node.up ? 'stop-node' : 'start-node';
    toggle.textContent = node.up ? 'Stop' : 'Start';
    toggle.setAttribute('aria-label', `${toggle.textContent} ${node.name}`);
    toggle.hidden = !panel.control;
  };
  return row;
};

const accountRow = ({ username, email, password, admin, keys }) =>
  make('li', {},
    make('div', { class: 'who' },
      make('b', {}, username), ...(admin ? [make('span', { class: 'tag' }, 'admin')] : []), make('small', {}, email, password && ` · password: ${password}`)),
    ...keys.map(({ name, kind, key }) =>
      make('div', { class: 'key' }, make('span', { class: 'kind' }, kind), make('code', { title: key }, key), copyButton(`Copy the ${kind} key of ${username}`, () => key))));

const requestRow = ({ number, time, method, path, operation, key, status, ms, fault }) => {
  const answer = make('td', { class: `answer s${Math.floor(status / 100)}` }, status ? String(status) : 'none');
  if (fault) answer.append(make('span', { class: 'tag', title: 'The fault that struck' }, `fault ${fault}`));
  return make('tr', { class: number > shownAtFirst ? 'new' : null },
    make('td', { class: 'time' }, new Date(time).toLocaleTimeString('en-GB')),
    make('td', { class: 'what' }, make('b', {}, method), ' ', make('code', {}, path), make('small', {}, operation)),
    make('td', { class: 'who' }, key || 'no key'),
    answer,
    make('td', { class: 'number' }, ms < 10 ? ms.toFixed(1) : String(Math.round(ms))));
};
let shownAtFirst = Infinity; // the number of the last request that was there when the page opened

// Trying a request

const keys = new Map();
$('#try').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { path, key } = event.currentTarget.elements;
  const output = $('#try output');
  output.className = '';
  output.textContent = '…';
  const headers = { Accept: 'application/json' };
  if (keys.has(key.value)) headers.Authorization = `Bearer ${keys.get(key.value)}`;
  try {
    const answer = await fetch(new URL(path.value, location.origin), { headers, redirect: 'manual' });
    await answer.text(); // a fault may strike the body
    output.textContent = answer.type === 'opaqueredirect' ? '302' : String(answer.status);
  } catch {
    output.textContent = 'no answer';
  }
  output.className = `s${/^\d/.test(output.textContent) ? output.textContent[0] : 0}`;
});

// The state

let servers = [], nodes = [];
const show = {
  panel(now) {
    panel = now;
    $('#version').textContent = now.version === 'pelican' ? 'Pelican' : `Pterodactyl Panel ${now.version}`;
    $('#url').textContent = now.url;
    $('#faults .on').hidden = !now.control;
    $('#faults .off').hidden = now.control;
    keep($('#operations'), now.operations, (id) => id, (id) => make('option', { value: id }));
    show.servers(servers);
    show.nodes(nodes);
  },
  accounts(accounts) {
    const rows = $('#accounts .rows');
    rows.replaceChildren(...accounts.map(accountRow));
    const select = $('#try select');
    const chosen = select.value;
    keys.clear();
    for (const { keys: all } of accounts) for (const { name, key } of all) keys.set(name, key);
    select.replaceChildren(...[...keys.keys(), 'no key'].map((name) => make('option', {}, name)));
    if (chosen) select.value = chosen;
  },
  nodes(now) {
    nodes = now;
    keep($('#nodes'), now, (node) => node.id, nodeRow);
    show.servers(servers);
  },
  servers(now) {
    servers = now;
    keep($('#servers .cards'), now, (server) => server.identifier, serverCard);
    const more = $('#servers .more');
    more.hidden = !(panel.servers > now.length);
    more.textContent = `and ${panel.servers - now.length} more`;
  },
  requests(now) {
    if (shownAtFirst === Infinity) shownAtFirst = now.at(-1)?.number ?? 0;
    $('#requests .none').hidden = now.length > 0;
    $('#requests table').hidden = now.length === 0;
    keep($('#requests tbody'), now.toReversed(), ({ number, time }) => `${number} ${time}`, requestRow);
  },
  pending(now) {
    $('#pending').hidden = now.length === 0;
    $('#pending ul').replaceChildren(...now.map(({ operation, times, faults }) =>
      make('li', {}, make('b', {}, faults.join(', ')), `for the next ${times === 1 ? 'request' : `${times} requests`}`, make('code', {}, operation && `to ${operation}`))));
  },
};

const link = $('#link');
const events = new EventSource('/panelsim/events');
events.addEventListener('open', () => {
  link.className = 'link live';
  link.textContent = 'Live';
  for (const pre of document.querySelectorAll('.card pre')) delete pre.dataset.printed; // panelsim may be another one now
});
events.addEventListener('error', () => { link.className = 'link lost'; link.textContent = 'Not connected'; });
for (const [name, update] of Object.entries(show)) {
  events.addEventListener(name, ({ data }) => update(JSON.parse(data)));
}
