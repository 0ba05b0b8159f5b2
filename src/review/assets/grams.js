// The page on which grams are reviewed.
import {
  Queue, WindowList, afterTyping, announce, bindDialogs, bindKeys, byId, call, commonKeys, complain,
  counted, grouped, make, showAgreement, table,
} from '/frame.js';

const queue = new Queue();
let about = null;  // what /api/start gave
let mergeRow;  // of the gram that the open dialog merges
let mergeMatches = [];
let mergeChosen = -1;

const kSigns = {accepted: '\u2713', rejected: '\u2717', merged: '\u2192', undecided: ''};

function verdictText(row) {
  if (row.verdict === 'accepted') return `${kSigns.accepted} ${row.role ?? 'accepted'}`;
  return `${kSigns[row.verdict]} ${row.verdict === 'undecided' ? '' : row.verdict}`.trim();
}

function drawOption(row) {
  return [
    make('span', {class: 'name'}, row.gram),
    row.disagreement > 0
        ? make('span', {class: 'disputed', title: 'disputed', 'aria-label': 'disputed'}, '\u2260')
        : null,
    make('span', {class: 'number', title: 'solutions that hold it'},
        row.added ? 'added' : grouped(row.documents)),
    make('span', {class: `verdict ${row.verdict}`}, verdictText(row)),
  ];
}

const list = new WindowList(byId('list'), {
  fetchRows: async (ids) => (await call('/api/rows', {ids})).rows,
  draw: drawOption,
  choose: showDetail,
});

function nowText(row) {
  if (row.verdict === 'undecided') return 'Undecided';
  if (row.verdict === 'merged') return `${kSigns.merged} merged into "${row.merged_into}"`;
  if (row.verdict === 'rejected') return `${kSigns.rejected} rejected`;
  return `${kSigns.accepted} accepted${row.role === null ? ', no role yet' : `: ${row.role}`}`;
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);

function actionButton(key, label, pressed, run) {
  return make('button', {type: 'button', 'aria-pressed': String(pressed), onclick: run},
      `${label} `, make('kbd', {}, key));
}

function buttonsOf(row) {
  const accepted = row.verdict === 'accepted';
  return make('div', {class: 'buttons'},
      actionButton('a', 'Accept', accepted && row.role === null, () => decide('accept')),
      actionButton('r', 'Reject', row.verdict === 'rejected', () => decide('reject')),
      ...about.roles.map((role, i) => actionButton(
          String(i + 1), capital(role), accepted && row.role === role, () => decide('role', {role}))),
      actionButton('m', 'Merge', row.verdict === 'merged', openMerge),
      make('button', {type: 'button', onclick: () => decide('clear')}, 'Undecide ',
          make('kbd', {}, 'c')),
      make('button', {type: 'button', onclick: undo}, 'Undo ', make('kbd', {}, 'u')));
}

function share(part, whole) {
  return whole > 0 ? `${grouped(part)} (${Math.round(100 * part / whole)} %)` : grouped(part);
}

function factsOf(row) {
  if (row.added) return make('p', {class: 'soft'}, 'Added by a reviewer; it was not mined.');
  const facts = [
    ['solutions', grouped(row.documents)],
    ['problems', grouped(row.problems)],
    ['occurrences', grouped(row.count)],
    ['begins a sentence', share(row.sentence_starts, row.count)],
    ['holds problem text', share(row.problem_text, row.documents)],
  ];
  if (row.cluster_name !== '') facts.push(['cluster', row.cluster_name]);
  if (row.suggested_role !== null) facts.push(['suggested role', row.suggested_role]);
  return make('dl', {class: 'facts'}, ...facts.map(
      ([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))));
}

function voicesOf(row) {
  const word = (strategic) => strategic === null ? '-' : strategic ? 'strategic' : 'not';
  const voices = about.selections.map((name, i) => [name, word(row.selections[i])]);
  for (const other of row.others) voices.push([other.reviewer, nowText(other)]);
  if (voices.length === 0) return [];
  return [make('h3', {}, 'What others say'), table(['who', 'verdict'], voices)];
}

function contextsOf(row) {
  if (row.added || row.contexts.length === 0) return [];
  return [
    make('h3', {}, 'Where it stands'),
    ...row.contexts.map(([before, gram, after]) =>
        make('blockquote', {class: 'context'}, before, make('mark', {}, gram), after)),
  ];
}

function showDetail(row) {
  const detail = byId('detail');
  if (row === undefined) {
    detail.replaceChildren(
        make('p', {class: 'soft'}, list.ids.length === 0 ? 'No gram matches.' : 'Loading ...'));
    return;
  }
  const held = detail.contains(document.activeElement);
  detail.replaceChildren(make('h2', {}, row.gram),
      make('p', {class: `now ${row.verdict}`}, nowText(row)), buttonsOf(row), factsOf(row),
      ...voicesOf(row), ...contextsOf(row));
  byId('detail-pane').scrollTop = 0;
  if (held) byId('list').focus({preventScroll: true});
}

function showProgress(progress) {
  const decided = progress.accepted + progress.rejected + progress.merged;
  byId('bar').max = Math.max(1, progress.total);
  byId('bar').value = decided;
  byId('counts').textContent =
      `${grouped(decided)} of ${grouped(progress.total)} decided: ${grouped(progress.accepted)} ` +
      `accepted, ${grouped(progress.rejected)} rejected, ${grouped(progress.merged)} merged`;
  showAgreement(progress.agreement);
}

function show(answer) {
  complain('');
  showProgress(answer.progress);
  if (list.places.has(answer.row.id)) list.update(answer.row);
  else list.insert(answer.row);
}

const kMovesOn = new Set(['accept', 'reject', 'role', 'merge']);

// Goes on to the next gram at once: the program takes the decisions in order, and where it refuses
// one, that gram is chosen again.
function decide(action, more = {}) {
  const row = list.chosenRow;
  if (row === undefined) return Promise.resolve();
  if (kMovesOn.has(action)) list.move(1);
  return queue.push(async () => {
    try {
      const answer = await call('/api/decide', {action, gram: row.gram, ...more});
      show(answer);
      announce(`${row.gram}: ${nowText(answer.row)}`);
    } catch (error) {
      list.selectId(row.id);
      throw error;
    }
  });
}

function undo() {
  return queue.push(async () => {
    const answer = await call('/api/decide', {action: 'undo'});
    show(answer);
    list.selectId(answer.row.id);
    announce(`Taken back. ${answer.row.gram}: ${nowText(answer.row)}`);
  });
}

async function refresh() {
  const request = {
    order: byId('order').value,
    show: byId('show').value,
    search: byId('search').value,
  };
  const keep = list.chosenId;
  try {
    const answer = await call('/api/list', request);
    showProgress(answer.progress);
    list.rows.clear();  // disagreement depends on all decisions
    list.setIds(answer.ids, keep);
    byId('found').textContent = counted(answer.ids.length, 'gram');
  } catch (error) {
    complain(error.message);
  }
}

function drawMatches() {
  byId('merge-matches').replaceChildren(...mergeMatches.map((row, place) => make(
      'div', {
        role: 'option',
        id: `match-${place}`,
        'aria-selected': String(place === mergeChosen),
        onclick: () => chooseMatch(place),
      },
      make('span', {class: 'name'}, row.gram),
      make('span', {class: 'soft'}, row.added ? 'added' : grouped(row.documents)))));
  const input = byId('merge-into');
  if (mergeChosen < 0) input.removeAttribute('aria-activedescendant');
  else input.setAttribute('aria-activedescendant', `match-${mergeChosen}`);
}

function chooseMatch(place) {
  if (mergeMatches.length === 0) return;
  mergeChosen = (place + mergeMatches.length) % mergeMatches.length;
  byId('merge-into').value = mergeMatches[mergeChosen].gram;
  drawMatches();
}

async function findMatches(text) {
  const {rows} = await call('/api/matches', {text});
  mergeMatches = rows.filter((row) => row.id !== mergeRow.id);
  mergeChosen = -1;
  drawMatches();
}

function openMerge() {
  const row = list.chosenRow;
  if (row === undefined) return;
  mergeRow = row;
  byId('merge-gram').textContent = `"${row.gram}" is not listed by itself, but counts as a piece of`;
  byId('merge-error').textContent = '';
  byId('merge-into').value = row.merged_into;
  byId('merge').showModal();
  byId('merge-into').focus();
  findMatches(row.gram).catch((error) => complain(error.message));
}

async function submitMerge(event) {
  event.preventDefault();
  const gram = mergeRow.gram;  // the one that the dialog names, wherever the list went since
  const into = byId('merge-into').value.trim();
  try {
    const answer = await call('/api/decide', {action: 'merge', gram, merged_into: into});
    byId('merge').close();
    show(answer);
    if (list.chosenRow?.gram === gram) list.move(1);
  } catch (error) {
    byId('merge-error').textContent = error.message;
  }
}

function openAdding() {
  byId('add-error').textContent = '';
  byId('add-gram').value = '';
  byId('adding').showModal();
  byId('add-gram').focus();
}

async function submitAdding(event) {
  event.preventDefault();
  const role = byId('add-role').value;
  try {
    const answer = await call('/api/decide', {
      action: 'add',
      gram: byId('add-gram').value.trim(),
      ...(role === '' ? {} : {role}),
    });
    byId('adding').close();
    show(answer);
  } catch (error) {
    byId('add-error').textContent = error.message;
  }
}

function bindForms() {
  byId('filters').addEventListener('submit', (event) => event.preventDefault());
  byId('order').addEventListener('change', refresh);
  byId('show').addEventListener('change', refresh);
  afterTyping(byId('search'), refresh);
  byId('search').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === 'ArrowDown') byId('list').focus();
  });
  byId('help-open').addEventListener('click', () => byId('help').showModal());
  byId('add').addEventListener('click', openAdding);
  byId('adding').querySelector('form').addEventListener('submit', submitAdding);
  byId('merge').querySelector('form').addEventListener('submit', submitMerge);
  const input = byId('merge-into');
  afterTyping(input, () => findMatches(input.value.trim()));
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    chooseMatch(mergeChosen + (event.key === 'ArrowDown' ? 1 : -1));
  });
  for (const dialog of document.querySelectorAll('dialog')) {
    dialog.addEventListener('close', () => byId('list').focus({preventScroll: true}));
  }
}

function bindings() {
  return [
    {keys: ['a'], shown: 'a', does: 'accept', run: () => decide('accept')},
    {keys: ['r'], shown: 'r', does: 'reject', run: () => decide('reject')},
    ...about.roles.map((role, i) => ({
      keys: [String(i + 1)],
      shown: String(i + 1),
      does: `accept as ${role}`,
      run: () => decide('role', {role}),
    })),
    {keys: ['m'], shown: 'm', does: 'merge into another gram', run: openMerge},
    {keys: ['n'], shown: 'n', does: 'add a gram of your own', run: openAdding},
    {keys: ['c'], shown: 'c', does: 'make undecided again', run: () => decide('clear')},
    {keys: ['u'], shown: 'u', does: 'undo your last decision', run: undo},
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
  byId('who').textContent = `${about.reviewer}, log ${about.log}`;
  byId('add-role').append(make('option', {value: ''}, 'none yet'),
      ...about.roles.map((role) => make('option', {value: role}, role)));
  bindKeys(bindings());
  bindDialogs();
  bindForms();
  await refresh();
  byId('list').focus();
}

begin();
