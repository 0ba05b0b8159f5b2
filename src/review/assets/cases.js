// The page on which cases are answered: one question, a few options, many cases.
import {
  Queue, WindowList, afterTyping, announce, bindDialogs, bindKeys, byId, call, commonKeys, complain,
  counted, grouped, make, showAgreement, table,
} from '/frame.js';

const queue = new Queue();
const parts = new Map();  // of cases that were looked at, by id
let about = null;         // what /api/start gave

const letter = (place) => String.fromCharCode(65 + place);
const placeOf = (name) => about.options.findIndex((option) => option.name === name);

function drawOption(row) {
  const answered = row.answer !== null;
  const disputed = row.others.some((other) => other.answer !== row.answer);
  return [
    make('span', {class: 'name'}, row.heading),
    disputed ? make('span', {class: 'disputed', 'aria-label': 'disputed'}, '\u2260') : null,
    make('span', {class: `verdict ${answered ? 'accepted' : ''}`},
        answered ? `${letter(placeOf(row.answer))} ${row.answer}` : ''),
  ];
}

const list = new WindowList(byId('list'), {
  fetchRows: async (ids) => (await call('/api/rows', {ids})).rows,
  draw: drawOption,
  choose: showDetail,
});

function optionsOf(row) {
  return make('div', {class: 'choices', role: 'group', 'aria-label': about.question},
      ...about.options.map((option, place) => make(
          'button', {
            type: 'button',
            'aria-pressed': String(row.answer === option.name),
            onclick: () => answer(place),
          },
          make('kbd', {}, letter(place)), ` ${option.text}`)));
}

function othersOf(row) {
  if (row.others.length === 0) return [];
  return [
    make('h3', {}, 'What others answered'),
    table(['who', 'answer'], row.others.map((other) => [other.reviewer, other.answer])),
  ];
}

function showDetail(row) {
  const detail = byId('detail');
  if (row === undefined) {
    detail.replaceChildren(
        make('p', {class: 'soft'}, list.ids.length === 0 ? 'No case matches.' : 'Loading ...'));
    return;
  }
  const held = detail.contains(document.activeElement);
  const texts = parts.get(row.id);
  if (texts === undefined) fetchParts(row.id);
  detail.replaceChildren(make('h2', {}, row.heading), make('p', {class: 'now'}, about.question),
      optionsOf(row),
      make('div', {class: 'buttons'},
          make('button', {type: 'button', onclick: clear}, 'Take the answer off ',
              make('kbd', {}, 'x')),
          make('button', {type: 'button', onclick: undo}, 'Undo ', make('kbd', {}, 'u'))),
      ...othersOf(row),
      ...(texts ?? []).flatMap(
          ([title, text]) => [make('h3', {}, title), make('p', {class: 'context'}, text)]));
  if (held) byId('list').focus({preventScroll: true});
}

async function fetchParts(id) {
  try {
    parts.set(id, (await call('/api/case', {id})).parts);
  } catch (error) {
    complain(error.message);
    return;
  }
  if (parts.size > 200) parts.delete(parts.keys().next().value);
  if (id === list.chosenId) {
    byId('detail-pane').scrollTop = 0;
    showDetail(list.chosenRow);
  }
}

function showProgress(progress) {
  byId('bar').max = Math.max(1, progress.total);
  byId('bar').value = progress.answered;
  byId('counts').textContent =
      `${grouped(progress.answered)} of ${grouped(progress.total)} answered`;
  showAgreement(progress.agreement);
}

function show(answer) {
  complain('');
  showProgress(answer.progress);
  list.update(answer.row);
}

// Goes on to the next case at once, and back where the program refuses.
function decide(request) {
  const row = list.chosenRow;
  if (row === undefined) return Promise.resolve();
  if (request.action === 'answer') list.move(1);
  return queue.push(async () => {
    try {
      const result = await call('/api/decide', {id: row.id, ...request});
      show(result);
      announce(`${row.heading}: ${result.row.answer ?? 'open'}`);
    } catch (error) {
      list.selectId(row.id);
      throw error;
    }
  });
}

const answer = (place) => decide({action: 'answer', answer: about.options[place].name});
const clear = () => decide({action: 'clear'});

function undo() {
  return queue.push(async () => {
    const result = await call('/api/decide', {action: 'undo'});
    show(result);
    list.selectId(result.row.id);
    announce(`Taken back. ${result.row.heading}: ${result.row.answer ?? 'open'}`);
  });
}

async function refresh() {
  const keep = list.chosenId;
  try {
    const result =
        await call('/api/list', {show: byId('show').value, search: byId('search').value});
    showProgress(result.progress);
    list.setIds(result.ids, keep);
    byId('found').textContent = counted(result.ids.length, 'case');
  } catch (error) {
    complain(error.message);
  }
}

function bindForms() {
  byId('filters').addEventListener('submit', (event) => event.preventDefault());
  byId('show').addEventListener('change', refresh);
  afterTyping(byId('search'), refresh);
  byId('search').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === 'ArrowDown') byId('list').focus();
  });
  byId('help-open').addEventListener('click', () => byId('help').showModal());
  byId('help').addEventListener('close', () => byId('list').focus({preventScroll: true}));
}

function bindings() {
  return [
    ...about.options.map((option, place) => ({
      keys: [letter(place).toLowerCase(), letter(place), String(place + 1)],
      shown: `${letter(place).toLowerCase()} ${place + 1}`,
      does: option.text,
      run: () => answer(place),
    })),
    {keys: ['x'], shown: 'x', does: 'take the answer off', run: clear},
    {keys: ['u'], shown: 'u', does: 'undo your last answer', run: undo},
    ...commonKeys(list),
  ];
}

async function begin() {
  try {
    about = await call('/api/start');
  } catch (error) {
    complain(error.message);
    return;
  }
  document.title = about.what;
  byId('what').textContent = about.what;
  byId('who').textContent = `${about.reviewer}, log ${about.log}`;
  bindKeys(bindings());
  bindDialogs();
  bindForms();
  await refresh();
  byId('list').focus();
}

begin();
