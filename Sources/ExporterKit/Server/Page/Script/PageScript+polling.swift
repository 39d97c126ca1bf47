extension PageScript {
    /// Asks again and again, says how that went, and listens to the person.
    static let polling = #"""
        const { metrics, state: stateURL } = document.body.dataset;
        const interval = find('interval'), pause = find('pause'), failure = find('failure'), live = find('live');
        // Not OpenMetrics: there a counter without _total, of which there are many, has no kind.
        const accept = 'text/plain;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4;q=0.5';
        const patience = 30;
        const scrapes = { millis: [], counts: [] };
        let isPaused = false, isAsking = false, timer, last = 0;

        async function get(url, type) {
          const headers = { Accept: type, 'X-Prometheus-Scrape-Timeout-Seconds': String(patience) };
          const answer = await fetch(url, { headers, cache: 'no-store', signal: AbortSignal.timeout(patience * 1000) });
          const text = await answer.text();
          if (!answer.ok) throw new Error(`status ${answer.status}: ${text.slice(0, 200).trim()}`);
          return text;
        }

        async function update() {
          if (isAsking) return;
          isAsking = true;
          clearTimeout(timer);
          try {
            const began = performance.now();
            const text = await get(metrics, accept);
            const now = performance.now();
            take(parse(text), { now, took: now - began, size: text.length });
            showCollectors(JSON.parse(await get(stateURL, 'application/json')));
            recovered();
          } catch (error) {
            failed(error);
          }
          isAsking = false;
          schedule();
        }

        /** An update is due one interval after the last one; a hidden or paused page asks nothing. */
        function schedule() {
          clearTimeout(timer);
          const seconds = Number(interval.value);
          say(pause, seconds === 0 ? 'Update now' : isPaused ? 'Resume' : 'Pause');
          pause.setAttribute('aria-pressed', isPaused && seconds > 0);
          if (seconds > 0 && !isPaused && !document.hidden) timer = setTimeout(update, seconds * 1000);
        }

        function take(next, { now, took, size }) {
          const changed = remember(next, last ? (now - last) / 1000 : 1);
          last = now;
          if (changed || onlyMoved.checked || state.list.some(family => family.isOpen)) layout();
          for (const row of inSight) paint(row);
          push(scrapes.millis, took);
          push(scrapes.counts, next.series);
          const bad = next.bad ? ` ${plain(next.bad)} lines were not understood.` : '';
          say('age', `Scraped at ${new Date().toTimeString().slice(0, 8)} in ${human(took / 1000, 'seconds')}, ${human(size, 'bytes')}.${bad}`);
          showTiles();
        }

        function failed(error) {
          const why = error.name === 'TimeoutError' ? `no answer within ${patience} s` : error.message;
          const again = Number(interval.value) > 0 && !isPaused ? ` Trying again every ${interval.value} s.` : '';
          say(failure, `The exporter does not answer: ${why}.${again}${last ? ' What is below is old.' : ''}`);
          failure.hidden = false;
          live.classList.add('stale');
        }

        function recovered() {
          failure.hidden = true;
          live.classList.remove('stale');
        }

        // Above the table.

        function showCollectors(list) {
          const shownRows = document.querySelectorAll('#collectors tbody tr');
          if (shownRows.length !== list.length) return;
          let good = 0, bad = 0;
          list.forEach(([result, took, series], index) => {
            const [, first, second, third] = shownRows[index].cells, badge = first.firstChild;
            if (result === 'ok') good++; else if (took !== '') bad++;
            badge.className = result === 'ok' ? 'good' : took === '' ? 'idle' : 'bad';
            say(badge, result);
            say(second, took);
            say(third, series);
          });
          if (list.length) say('collector-count', `${good} of ${list.length} ok${bad ? `, ${bad} failed` : ''}`);
        }

        /** The first series of a family. */
        const own = name => [...(state.families.get(name)?.series.values() ?? [])][0];

        function showTiles() {
          const memory = own('process_resident_memory_bytes'), cpu = own('process_cpu_seconds_total');
          const tiles = [
            ['Series', plain(state.series), scrapes.counts],
            ['Scrape', human(scrapes.millis.at(-1) / 1000, 'seconds'), scrapes.millis],
            memory && ['Exporter memory', human(memory.value, 'bytes'), memory.course],
            cpu && ['Exporter CPU', human(cpu.course?.at(-1) ?? 0, 'ratio'), cpu.course],
          ];
          find('tiles').replaceChildren(...tiles.filter(Boolean).map(([title, value, course]) =>
            make('div', { className: 'tile' }, make('span', { textContent: title }), make('strong', { textContent: value }),
              ...[course && sparkline([course], title, title.endsWith('CPU') ? 0 : NaN)].filter(Boolean))));
        }

        // The person.

        function filter() {
          words = search.value.toLowerCase().replaceAll('"', '').split(/\s+/).filter(Boolean);
          familyLimit = familyStep;
          layout();
        }

        function clear() {
          if (search.value === '') return;
          search.value = '';
          filter();
        }

        function onRowKey(event) {
          const row = event.target.closest('tr');
          if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
          const { family, series } = row.item;
          const keys = {
            ArrowDown: () => move(row.nextElementSibling), ArrowUp: () => move(row.previousElementSibling),
            Home: () => move(rows.firstElementChild), End: () => move(rows.lastElementChild),
            Enter: () => activate(row), ' ': () => activate(row),
            ArrowRight: () => !series && family && (family.isOpen ? move(row.nextElementSibling) : toggle(family, true)),
            ArrowLeft: () => family && (row === family.row ? toggle(family, false) : move(family.row)),
          };
          if (!keys[event.key]) return;
          event.preventDefault();
          keys[event.key]();
        }

        function onKey(event) {
          if (event.key === 'Escape') return clear();
          if (event.key !== '/' || event.ctrlKey || event.altKey || event.metaKey) return;
          if (event.target.matches('input, select')) return;
          event.preventDefault();
          search.focus();
          search.select();
        }

        function onClick({ target }) {
          const row = target.closest('tr');
          if (!row || String(getSelection()) !== '') return;
          move(row);
          activate(row);
        }

        document.addEventListener('keydown', onKey);
        document.addEventListener('visibilitychange', () => {
          if (document.hidden) clearTimeout(timer);
          else if (!isPaused && Number(interval.value) > 0) update();
        });
        rows.addEventListener('keydown', onRowKey);
        rows.addEventListener('click', onClick);
        rows.addEventListener('focusin', ({ target }) => target.closest('tr')?.tabIndex === -1 && move(target.closest('tr')));
        search.addEventListener('input', filter);
        search.addEventListener('keydown', event => {
          if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
          event.preventDefault();
          move(rows.firstElementChild);
        });
        onlyMoved.addEventListener('change', layout);
        interval.addEventListener('change', () => { isPaused = false; schedule(); });
        pause.addEventListener('click', () => {
          if (Number(interval.value) === 0) return update();
          isPaused = !isPaused;
          if (isPaused) schedule(); else update();
        });
        live.hidden = find('tiles').hidden = false;
        update();

        """#
}
