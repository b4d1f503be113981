/**
 * The page's script. Without it the page lacks only search, the theme switch and the names of shards under the pointer. The policy of the
 * page identifies it by its hash.
 */
export const script = `
'use strict';
(() => {
  const find = (id) => document.getElementById(id);
  const data = JSON.parse(find('data').textContent);

  // The theme: the system's, or the one that was chosen last.
  const themes = ['auto', 'light', 'dark'];
  const button = find('theme');
  const texts = JSON.parse(button.dataset.texts);
  const kept = () => { try { return localStorage.getItem('wwdb-theme'); } catch { return null; } };
  const keep = (theme) => { try { localStorage.setItem('wwdb-theme', theme); } catch { /* A page from disk may keep nothing. */ } };
  const show = (theme) => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.dataset.theme = theme;
    button.textContent = texts[theme];
  };
  show(themes.includes(kept()) ? kept() : 'auto');
  button.hidden = false;
  button.addEventListener('click', () => {
    const theme = themes[(themes.indexOf(button.dataset.theme) + 1) % themes.length];
    show(theme);
    keep(theme);
  });

  // Search: every word must occur in the name of the table, or in the name or comment of the column.
  const input = find('search');
  const list = find('hits');
  const count = find('count');
  input.closest('search').hidden = false;
  const most = 50;
  let index = null;
  let hits = [];
  let chosen = -1;
  const read = () => [...document.querySelectorAll('section.table')].flatMap((table) => {
    const database = table.closest('.database').querySelector('h3').textContent;
    const name = table.querySelector('h4 a').textContent;
    const comment = table.querySelector('h4 small')?.textContent ?? '';
    const full = database + '.' + name;
    const own = { id: table.id, name: full, comment, rank: 0, text: (full + ' ' + comment).toLowerCase() };
    return [own, ...[...table.querySelectorAll('tbody tr')].map((row) => {
      const column = row.querySelector('th code').textContent;
      const about = row.cells[3].textContent;
      return { id: table.id, name: full + '.' + column, comment: about, rank: 1, text: (full + '.' + column + ' ' + about).toLowerCase(), row };
    })];
  });
  const lookUp = (text) => {
    index ??= read();
    const words = text.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    if (words.length === 0) return [];
    const last = (entry) => entry.name.slice(entry.name.lastIndexOf('.') + 1).toLowerCase();
    const score = (entry) => {
      const own = last(entry);
      if (own === words[0]) return entry.rank;
      return (own.startsWith(words[0]) ? 2 : own.includes(words[0]) ? 4 : 6) + entry.rank;
    };
    return index.filter((entry) => words.every((word) => entry.text.includes(word)))
      .map((entry) => [score(entry), entry]).sort((one, other) => one[0] - other[0]).map(([, entry]) => entry);
  };
  const choose = (place) => {
    chosen = place;
    [...list.children].forEach((item, at) => item.setAttribute('aria-selected', String(at === place)));
    const item = list.children[place];
    if (item === undefined) input.removeAttribute('aria-activedescendant');
    else { input.setAttribute('aria-activedescendant', item.id); item.scrollIntoView({ block: 'nearest' }); }
  };
  const close = () => { list.hidden = true; input.setAttribute('aria-expanded', 'false'); choose(-1); };
  const open = (hit) => {
    if (hit === undefined) return;
    input.value = '';
    close();
    location.hash = '#' + hit.id;
    const place = (hit.row ?? document.getElementById(hit.id)).querySelector('h4 a, th');
    if (hit.row !== undefined) place.tabIndex = -1;
    place.scrollIntoView({ block: 'center' });
    place.focus();
  };
  input.addEventListener('input', () => {
    hits = lookUp(input.value);
    count.textContent = input.value === '' ? '' : hits.length === 0 ? data.none : data.hits.replace('{count}', hits.length);
    list.replaceChildren(...hits.slice(0, most).map((hit, at) => {
      const item = document.createElement('li');
      item.id = 'hit' + at;
      item.setAttribute('role', 'option');
      const code = document.createElement('code');
      code.textContent = hit.name;
      item.append(code, ' ' + hit.comment);
      item.addEventListener('mousedown', (event) => { event.preventDefault(); open(hit); });
      return item;
    }));
    list.hidden = hits.length === 0;
    input.setAttribute('aria-expanded', String(hits.length > 0));
    choose(hits.length > 0 ? 0 : -1);
  });
  input.addEventListener('keydown', (event) => {
    const shown = Math.min(hits.length, most);
    if (event.key === 'Escape') { input.value = ''; hits = []; count.textContent = ''; close(); input.blur(); }
    else if (event.key === 'Enter') open(hits[chosen]);
    else if (shown > 0 && event.key === 'ArrowDown') choose((chosen + 1) % shown);
    else if (shown > 0 && event.key === 'ArrowUp') choose((chosen - 1 + shown) % shown);
    else return;
    event.preventDefault();
  });
  input.addEventListener('blur', close);
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest?.('input, textarea, select') !== null;
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });

  // Nothing can be unfolded on paper.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open])')];
    for (const part of folded) part.open = true;
  });
  addEventListener('afterprint', () => { for (const part of folded) part.open = false; });

  // Diagrams that are larger than their frame: buttons, + - 0 on the frame, and the wheel with Ctrl.
  for (const figure of document.querySelectorAll('figure')) {
    const [svg, frame, bar] = ['svg', '.scroll', '.zoom'].map((part) => figure.querySelector(part));
    const { width, height } = svg.viewBox.baseVal;
    const whole = () => Math.min(1, frame.clientWidth / width, innerHeight * 0.8 / height);
    let scale = 1;
    const zoom = (wanted) => {
      const next = Math.min(2, Math.max(whole(), wanted));
      const [x, y] = [frame.scrollLeft + frame.clientWidth / 2, frame.scrollTop + frame.clientHeight / 2].map((at) => at * next / scale);
      scale = next;
      svg.setAttribute('width', width * scale);
      svg.setAttribute('height', height * scale);
      frame.scrollTo(x - frame.clientWidth / 2, y - frame.clientHeight / 2);
    };
    const act = { in: () => zoom(scale * 1.5), out: () => zoom(scale / 1.5), fit: () => zoom(0) };
    bar.hidden = whole() === 1;
    bar.addEventListener('click', (event) => act[event.target.dataset.zoom]?.());
    frame.addEventListener('keydown', (event) => {
      const way = { '+': 'in', '=': 'in', '-': 'out', '0': 'fit' }[event.key];
      if (way === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act[way]();
    });
    frame.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(scale * (event.deltaY < 0 ? 1.15 : 1 / 1.15));
    }, { passive: false });
  }

  // Calendars: the shard under the pointer, or at the position of the arrow keys.
  for (const calendar of document.querySelectorAll('.calendar')) {
    const [start, rest, notes] = data.shards[calendar.dataset.family];
    const cells = [...calendar.querySelectorAll('i')];
    const filled = cells.filter((cell) => cell.className !== '');
    const place = new Map(filled.map((cell, at) => [cell, at]));
    const output = calendar.parentElement.querySelector('output');
    let current = null;
    // A narrow screen starts with the present.
    const present = filled.findLast((cell) => cell.classList.contains('l')) ?? filled[0];
    if (present !== undefined) calendar.scrollLeft = present.offsetLeft - calendar.offsetLeft - calendar.clientWidth / 2;
    const point = (cell) => {
      const at = place.get(cell);
      if (at === undefined) return;
      current?.classList.remove('on');
      const look = cell.classList[0];
      current = cell;
      cell.classList.add('on');
      output.textContent = [start + rest[at] + ': ' + data.looks[look], notes[at]].filter(Boolean).join(', ');
    };
    const leave = () => { current?.classList.remove('on'); current = null; output.textContent = ''; };
    calendar.addEventListener('pointerover', (event) => point(event.target));
    calendar.addEventListener('pointerleave', () => { if (document.activeElement !== calendar) leave(); });
    calendar.addEventListener('focus', () => { if (current === null) point(present); });
    calendar.addEventListener('blur', leave);
    calendar.addEventListener('keydown', (event) => {
      const { x, y } = calendar.dataset;
      const step = { ArrowRight: +x, ArrowLeft: -x, ArrowDown: +y, ArrowUp: -y }[event.key];
      const end = { Home: filled[0], End: filled.at(-1) }[event.key];
      if (step === undefined && end === undefined) return;
      event.preventDefault();
      let next = end;
      for (let at = cells.indexOf(current) + step; next === undefined && at >= 0 && at < cells.length; at += Math.sign(step))
        if (place.has(cells[at])) next = cells[at];
      if (next === undefined) return;
      point(next);
      next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
  }
})();
`
