// What every page needs: calls to the program, a list of which only a window is drawn, keys,
// dialogs, and words on what went wrong. Text of others enters the page as text, never as markup.

const token = new URLSearchParams(location.search).get('token') ?? '';

export const byId = (id) => document.getElementById(id);

/** An element with attributes (those that are null are left out) and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Calls the program. Throws Error with its own words where it refuses. */
export async function call(path, request = {}) {
  let response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: {'Content-Type': 'application/json', 'X-Stratagram-Token': token},
      body: JSON.stringify(request),
    });
  } catch {
    throw new Error('The program does not answer. Start it again: all that it took is in the log.');
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** Makes calls one after the other, in the order they were asked for. */
export class Queue {
  #last = Promise.resolve();
  push(work) {
    this.#last = this.#last.then(work).catch((error) => complain(error.message));
    return this.#last;
  }
}

export function complain(message) {
  byId('banner').textContent = message;
  byId('banner').hidden = message === '';
}

/** Says it to those who hear the page. */
export function announce(message) {
  byId('status').textContent = message;
}

const kOptionHeight = 40;  // as in frame.css
const kMargin = 40;        // rows that are fetched beyond those in sight

/**
 * A listbox over any number of ids, of which only those in sight exist as elements.
 *   fetchRows(ids)  a promise of their rows, each with its id
 *   draw(row)       children of a row's element
 *   choose(row)     called when another row is chosen or the chosen one changes
 */
export class WindowList {
  constructor(element, {fetchRows, draw, choose}) {
    this.element = element;
    this.fetchRows = fetchRows;
    this.draw = draw;
    this.choose = choose;
    this.ids = [];
    this.places = new Map();
    this.rows = new Map();
    this.pending = new Set();
    this.chosen = -1;
    this.spacer = make('div', {role: 'presentation'});
    element.append(this.spacer);
    element.addEventListener('scroll', () => this.render());
    new ResizeObserver(() => this.render()).observe(element);
  }

  get chosenId() {
    return this.ids[this.chosen];
  }

  get chosenRow() {
    return this.rows.get(this.chosenId);
  }

  /** Shows these; `keep` stays chosen where it is among them, else the first is. */
  setIds(ids, keep) {
    this.ids = ids;
    this.places = new Map(ids.map((id, place) => [id, place]));
    this.spacer.style.height = `${ids.length * kOptionHeight}px`;
    this.element.scrollTop = 0;
    this.chosen = -1;
    this.select(this.places.get(keep) ?? 0);
  }

  /** Puts an id behind the chosen one and chooses it. */
  insert(row) {
    const ids = [...this.ids];
    ids.splice(this.chosen + 1, 0, row.id);
    this.rows.set(row.id, row);
    this.setIds(ids, row.id);
  }

  update(row) {
    this.rows.set(row.id, row);
    this.render();
    if (row.id === this.chosenId) this.choose(row);
  }

  selectId(id) {
    if (!this.places.has(id)) return false;
    this.select(this.places.get(id));
    return true;
  }

  move(by) {
    this.select(this.chosen + by);
  }

  select(place) {
    this.chosen = Math.max(0, Math.min(place, this.ids.length - 1));
    if (this.ids.length === 0) this.chosen = -1;
    const top = this.chosen * kOptionHeight;
    const {scrollTop, clientHeight} = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    if (top + kOptionHeight > scrollTop + clientHeight) {
      this.element.scrollTop = top + kOptionHeight - clientHeight;
    }
    this.render();
    this.choose(this.chosenRow);
  }

  render() {
    const first = Math.floor(this.element.scrollTop / kOptionHeight);
    const count = Math.ceil(this.element.clientHeight / kOptionHeight) + 1;
    const options = [];
    for (let place = first; place < Math.min(first + count, this.ids.length); ++place) {
      options.push(this.#option(place));
    }
    this.spacer.replaceChildren(...options);
    const chosen = this.chosenId === undefined ? null : `option-${this.chosenId}`;
    if (chosen === null) this.element.removeAttribute('aria-activedescendant');
    else this.element.setAttribute('aria-activedescendant', chosen);
    this.#want(first - kMargin, first + count + kMargin);
  }

  #option(place) {
    const id = this.ids[place];
    const row = this.rows.get(id);
    const option = make(
        'div', {
          id: `option-${id}`,
          role: 'option',
          class: 'option',
          'aria-selected': String(place === this.chosen),
          'aria-posinset': String(place + 1),
          'aria-setsize': String(this.ids.length),
          onclick: () => this.select(place),
        },
        ...(row === undefined ? ['...'] : this.draw(row)));
    option.style.top = `${place * kOptionHeight}px`;
    return option;
  }

  async #want(from, to) {
    const near = this.ids.slice(Math.max(0, from), to);
    const chosenNear = this.ids.slice(Math.max(0, this.chosen - kMargin), this.chosen + kMargin);
    const missing = [...new Set([...near, ...chosenNear])].filter(
        (id) => !this.rows.has(id) && !this.pending.has(id)).slice(0, 200);
    if (missing.length === 0) return;
    for (const id of missing) this.pending.add(id);
    try {
      for (const row of await this.fetchRows(missing)) this.rows.set(row.id, row);
    } catch (error) {
      complain(error.message);
      return;
    } finally {
      for (const id of missing) this.pending.delete(id);
    }
    this.render();
    if (missing.includes(this.chosenId)) this.choose(this.chosenRow);
  }
}

/**
 * Keys of the page, [{keys: ['j', 'ArrowDown'], shown: 'j', does: 'next', run}]; they rest while
 * one types into a field or a dialog is open. Fills the dialog of keys.
 */
export function bindKeys(bindings) {
  const actions = new Map();
  for (const {keys, run} of bindings) {
    for (const key of keys) actions.set(key, run);
  }
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector('dialog[open]') !== null) return;
    const isField = event.target.matches('input, select, textarea');
    if (isField && event.key === 'Escape') {
      event.preventDefault();
      if (event.target.type === 'search' && event.target.value !== '') {
        event.target.value = '';
        event.target.dispatchEvent(new Event('input'));
      }
      byId('list').focus();
      return;
    }
    if (isField || !actions.has(event.key)) return;
    event.preventDefault();
    actions.get(event.key)();
  });
  for (const {shown, does} of bindings) {
    byId('keys').append(make('dt', {}, make('kbd', {}, shown)), make('dd', {}, does));
  }
}

/** Keys of every page: to move through its list, to search, and for help. */
export function commonKeys(list) {
  const page = () => Math.max(1, Math.floor(list.element.clientHeight / kOptionHeight) - 1);
  return [
    {keys: ['j', 'ArrowDown'], shown: 'j \u2193', does: 'next', run: () => list.move(1)},
    {keys: ['k', 'ArrowUp'], shown: 'k \u2191', does: 'previous', run: () => list.move(-1)},
    {keys: ['PageDown'], shown: 'PgDn', does: 'a page on', run: () => list.move(page())},
    {keys: ['PageUp'], shown: 'PgUp', does: 'a page back', run: () => list.move(-page())},
    {keys: ['Home'], shown: 'Home', does: 'first', run: () => list.select(0)},
    {keys: ['End'], shown: 'End', does: 'last', run: () => list.select(list.ids.length - 1)},
    {keys: ['/'], shown: '/', does: 'search; Enter goes to the list, Esc ends the search',
      run: () => byId('search').select()},
    {keys: ['?'], shown: '?', does: 'these keys', run: () => byId('help').showModal()},
  ];
}

/** Makes the buttons of class "close" close their dialogs. */
export function bindDialogs() {
  for (const button of document.querySelectorAll('dialog .close')) {
    button.addEventListener('click', () => button.closest('dialog').close());
  }
}

/** Calls `act` when typing has paused. */
export function afterTyping(input, act) {
  let timer = 0;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(act, 120);
  });
}

/** A table of text with a head line. */
export function table(head, rows) {
  return make('table', {},
      make('thead', {}, make('tr', {}, ...head.map((cell) => make('th', {scope: 'col'}, cell)))),
      make('tbody', {},
          ...rows.map((row) => make('tr', {}, ...row.map((cell) => make('td', {}, cell))))));
}

export const grouped = (number) => number.toLocaleString('en');

/** "1 gram", "2,000 grams". */
export const counted = (number, what) => `${grouped(number)} ${what}${number === 1 ? '' : 's'}`;

const fixed = (number) => number === undefined ? '-' : number.toFixed(2);

/** Fills the table of agreement with rows as the program gives them. */
export function showAgreement(rows) {
  byId('agreement').hidden = rows.length === 0;
  byId('agreement-table').replaceChildren(table(
      ['with', 'decided by both', 'equal', 'Cohen\u2019s \u03ba', '95 %'],
      rows.map((row) => [
        `${row.with} (${row.kind})`, grouped(row.items),
        row.observed === undefined ? '-' : `${Math.round(100 * row.observed)} %`, fixed(row.kappa),
        row.low === undefined ? '-' : `${fixed(row.low)} to ${fixed(row.high)}`,
      ])));
}
