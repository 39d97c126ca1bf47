extension PageScript {
    /// The table: a row per family, its series below it when it is open. Only rows in sight are painted.
    static let table = #"""
        const find = id => document.getElementById(id);
        const rows = find('rows'), search = find('search'), onlyMoved = find('moved');
        const seriesStep = 50, familyStep = 300;
        // `current` is the one row that Tab reaches.
        let familyLimit = familyStep, words = [], current;

        const inSight = new Set();
        const watcher = new IntersectionObserver(entries => {
          for (const { target, isIntersecting } of entries) {
            if (isIntersecting) { inSight.add(target); paint(target); } else inSight.delete(target);
          }
        }, { rootMargin: '200px' });

        function makeRow(kind, item, ...cells) {
          const row = make('tr', { className: kind, tabIndex: -1, item }, ...cells);
          row.setAttribute('role', 'row');
          row.setAttribute('aria-level', kind === 'family' ? 1 : 2);
          for (const cell of cells) cell.setAttribute('role', 'gridcell');
          watcher.observe(row);
          return row;
        }

        const cell = (className, ...children) => make('td', { className }, ...children);

        function familyRow(family) {
          if (family.row) return family.row;
          const title = cell('name', make('span', { className: 'twisty' }), make('code', {}, ...family.shown.split(/(?<=_)/).flatMap(part => [part, make('wbr')])),
            make('small', { textContent: family.help }));
          family.row = makeRow('family', { family }, title, cell('kind', make('span', { textContent: family.kind })),
            cell('unit', unitOf(family)), cell('count number'), cell('value number'), cell('trend'));
          return family.row;
        }

        function seriesRow(family, series) {
          if (series.row) return series.row;
          const labels = series.labels.map(([name, value]) => make('span', { className: 'label' },
            make('span', { textContent: `${name}=` }), make('bdi', { textContent: JSON.stringify(value) })));
          const title = cell('name', ...labels);
          if (labels.length === 0) title.append(make('small', { textContent: 'no labels' }));
          title.colSpan = 4;
          series.row = makeRow('series', { family, series }, title, cell('value number'), cell('trend'));
          return series.row;
        }

        const everything = {};

        function moreRow(family, rest) {
          const owner = family ?? everything;
          owner.more ??= makeRow('more', {}, make('td', { colSpan: 6 }));
          owner.more.item = { family, isMore: true };
          say(owner.more.cells[0], `Show more: ${whole.format(rest)} ${family ? 'series' : 'families'} are hidden`);
          return owner.more;
        }

        // What the search leaves.

        const wordsOf = series => series.words ??= series.labels.map(label => label.join('=')).join(' ').toLowerCase();

        /** The words that the family itself does not say; its series have to. */
        const open = family => words.filter(word => !family.words.includes(word));
        const fits = (series, left) => (!onlyMoved.checked || series.course) && left.every(word => wordsOf(series).includes(word));

        function matches(family) {
          if (onlyMoved.checked && !family.moved) return false;
          const left = open(family);
          if (left.length === 0) return true;
          for (const series of family.series.values()) if (fits(series, left)) return true;
          return false;
        }

        function layout() {
          const wanted = [], found = state.list.filter(matches);
          for (const family of found.slice(0, familyLimit)) {
            wanted.push(familyRow(family));
            if (!family.isOpen) continue;
            const left = open(family), limit = family.limit ?? seriesStep;
            const list = [...family.series.values()].filter(series => fits(series, left));
            for (const series of list.slice(0, limit)) wanted.push(seriesRow(family, series));
            if (list.length > limit) wanted.push(moreRow(family, list.length - limit));
          }
          if (found.length > familyLimit) wanted.push(moreRow(undefined, found.length - familyLimit));
          const total = `${whole.format(state.list.length)} families, ${whole.format(state.series)} series.`;
          say('found', found.length === state.list.length ? total : `${whole.format(found.length)} of ${total}`);
          place(wanted);
        }

        /** Puts the rows there and leaves the focus where it was, or close. */
        function place(wanted) {
          const old = [...rows.children];
          if (old.length === wanted.length && old.every((row, index) => row === wanted[index])) return;
          const focused = old.indexOf(document.activeElement);
          rows.replaceChildren(...wanted);
          const kept = new Set(wanted);
          for (const row of old) if (!kept.has(row)) inSight.delete(row);
          if (!kept.has(current)) current = wanted[Math.min(Math.max(focused, 0), wanted.length - 1)];
          for (const row of wanted) row.tabIndex = row === current ? 0 : -1;
          if (focused >= 0) current?.focus({ preventScroll: true });
        }

        function toggle(family, isOpen = !family.isOpen) {
          family.isOpen = isOpen;
          if (!isOpen) {
            family.limit = undefined;
            for (const series of family.series.values()) if (series.row) { watcher.unobserve(series.row); series.row = undefined; }
          }
          layout();
          paint(family.row);
        }

        function showMore(row) {
          const { family } = row.item, above = row.previousElementSibling;
          if (family) family.limit = (family.limit ?? seriesStep) + 4 * seriesStep;
          else familyLimit += familyStep;
          layout();
          move(above.nextElementSibling);
        }

        function activate(row) {
          if (row.item.isMore) showMore(row);
          else if (!row.item.series) toggle(row.item.family);
        }

        function move(row) {
          if (!row) return;
          if (current) current.tabIndex = -1;
          current = row;
          row.tabIndex = 0;
          row.focus();
        }

        // What a row says.

        function say(place, text) {
          const element = typeof place === 'string' ? find(place) : place;
          if (element.textContent !== text) element.textContent = text;
        }

        function tell(cell, text, note = '') {
          const said = `${text}\n${note}`;
          if (cell.said === said) return;
          cell.said = said;
          cell.replaceChildren(text, ...(note ? [make('small', { textContent: note })] : []));
        }

        /** All series of a histogram or summary as one. */
        function merged(family) {
          const all = [...family.series.values()];
          if (all.length === 1) return all[0];
          const sum = key => all.reduce((sum, series) => sum + (series[key] ?? NaN), 0);
          const buckets = all[0].buckets.map(([bound], index) =>
            [bound, all.reduce((sum, series) => sum + (series.buckets[index]?.[1] ?? NaN), 0)]);
          const recent = { count: 0, sum: 0 };
          for (const series of all) { recent.count += series.recent?.count ?? 0; recent.sum += series.recent?.sum ?? 0; }
          return { count: sum('count'), sum: sum('sum'), buckets, quantiles: [], recent };
        }

        function paintDistribution(value, trend, family, series, courses) {
          const unit = unitOf(family), notes = [];
          if (series.count > 0 && series.sum !== undefined) notes.push(`mean\u00a0${human(series.sum / series.count, unit)}`);
          const high = quantile(0.95, series.buckets);
          if (high !== undefined) notes.push(`p95\u00a0≈\u00a0${human(high, unit)}`);
          for (const [name, value] of series.quantiles) notes.push(`${name}:\u00a0${human(value, unit)}`);
          tell(value, series.count === undefined ? '' : `n ${plain(series.count)}`, notes.join(' · '));
          const rate = courses.length ? [perSecond(courses[0].at(-1), '')] : [];
          if (series.recent?.count > 0) rate.push(`mean\u00a0${human(series.recent.sum / series.recent.count, unit)}`);
          chart(trend, courses, rate.join(', '), bars(series.buckets, unit));
        }

        function chart(cell, courses, text, extra) {
          const isRate = rated.has(cell.parentNode.item.family.kind);
          const line = courses.length ? sparkline(courses, isRate ? 'rate' : 'value', isRate ? 0 : NaN) : undefined;
          cell.replaceChildren(...[line, extra].filter(Boolean), make('span', { textContent: text }));
        }

        const change = (course, unit) => {
          const by = course.at(-1) - course[0];
          return Number.isFinite(by) && by !== 0 ? `${by > 0 ? '+' : '−'}${human(Math.abs(by), unit)}` : '±0';
        };

        function paintSeries({ cells }, family, series) {
          const [, value, trend] = cells, courses = series.course ? [series.course] : [], unit = unitOf(family);
          if (series.buckets) return paintDistribution(value, trend, family, series, courses);
          const text = shown(family, series.value), exact = String(series.value);
          tell(value, text, text.replaceAll(',', '') === exact || !Number.isFinite(series.value) ? '' : exact);
          if (family.kind === 'counter') chart(trend, courses, courses.length ? perSecond(series.course.at(-1), unit) : '');
          else chart(trend, courses, courses.length ? change(series.course, unit) : '');
        }

        /** What a closed family says: of counters the sum, of gauges the range and the courses of a few. */
        function paintFamily({ cells }, family) {
          const [, , , count, value, trend] = cells, all = [...family.series.values()], unit = unitOf(family);
          tell(count, whole.format(all.length));
          if (all[0].buckets) return paintDistribution(value, trend, family, merged(family), family.moved ? [family.rates] : []);
          if (family.kind === 'info' || /_info$/.test(family.name)) return tell(value, '', factsOf(all));
          if (family.kind === 'stateset') return tell(value, '', all.filter(({ value }) => value === 1).map(stateOf).join(', '));
          if (family.kind === 'counter') {
            tell(value, shown(family, all.reduce((sum, series) => sum + series.value, 0)), all.length > 1 ? 'sum' : '');
            return chart(trend, family.moved ? [family.rates] : [], family.moved ? perSecond(family.rates.at(-1), unit) : '');
          }
          const values = all.map(series => series.value).filter(value => !Number.isNaN(value));
          const low = values.reduce((a, b) => Math.min(a, b), Infinity), high = values.reduce((a, b) => Math.max(a, b), -Infinity);
          if (values.length === 0) tell(value, 'NaN');
          else tell(value, low === high ? shown(family, low) : `${shown(family, low)} … ${shown(family, high)}`);
          const courses = all.filter(series => series.course).slice(0, 6).map(series => series.course);
          chart(trend, courses, courses.length === 1 ? change(courses[0], unit) : courses.length ? `${courses.length} moved` : '');
        }

        const factsOf = all => all.length > 1 ? '' : all[0].labels.map(label => label.join('=')).join(', ').slice(0, 120);
        const stateOf = ({ labels }) => labels.at(-1)?.[1] ?? '';

        function paint(row) {
          const { family, series, isMore } = row.item;
          if (isMore) return;
          row.classList.toggle('moving', Boolean(series ? series.course : family.moved));
          if (series) return paintSeries(row, family, series);
          row.setAttribute('aria-expanded', Boolean(family.isOpen));
          paintFamily(row, family);
        }

        """#
}
