extension PageScript {
    /// What is remembered between two scrapes: per series its last sample and, once it moved, its course.
    static let history = #"""
        const maxTicks = 120;
        const state = { families: new Map(), list: [], ticks: 0, series: 0, seconds: 0 };
        const rated = new Set(['counter', 'histogram', 'summary']);

        /** The number whose course is drawn: the value, or how many observations there are. */
        const level = series => series.value ?? series.count;

        const push = (course, value) => { course.push(value); if (course.length > maxTicks) course.shift(); };

        /** Takes the next exposition. Returns true when families came or went. */
        function remember(next, seconds) {
          let changed = next.families.size !== state.families.size;
          for (const [name, family] of next.families) {
            const before = state.families.get(name);
            if (!before || before.kind !== family.kind) { adopt(family, {}); changed = true; continue; }
            family.moved = before.moved;
            follow(family, before, seconds);
            changed ||= family.moved !== before.moved;
            adopt(family, before);
          }
          state.families = next.families;
          state.list = [...next.families.values()];
          state.series = next.series;
          state.ticks = Math.min(state.ticks + 1, maxTicks);
          return changed;
        }

        /** A family keeps its place in the table, and its text until its series change. */
        function adopt(family, before) {
          family.shown ??= family.name;
          family.row = before.row;
          family.more = before.more;
          family.isOpen = before.isOpen;
          family.limit = before.limit;
          family.words = `${family.shown} ${family.help} ${family.kind} ${family.unit}`.toLowerCase();
          if (family.row) family.row.item = { family };
        }

        /** Carries the courses of all series on; a sum of them for the family. */
        function follow(family, before, seconds) {
          const isRate = rated.has(family.kind);
          let sum = 0;
          for (const [key, series] of family.series) {
            const old = before.series.get(key);
            if (!old) continue;
            series.row = old.row;
            series.words = old.words;
            if (series.row) series.row.item = { family, series };
            const was = level(old), is = level(series);
            // A total that fell began again at zero.
            const point = isRate ? Math.max(0, is < was ? is : is - was) / seconds : is;
            if (isRate) sum += point || 0;
            if (!old.course && Object.is(was, is)) continue;
            series.course = old.course ?? Array(Math.max(isRate ? state.ticks - 1 : state.ticks, 0)).fill(isRate ? 0 : was);
            push(series.course, point);
            series.recent = { count: is - was, sum: series.sum - old.sum };
            family.moved = true;
          }
          family.rates = before.rates ?? [];
          if (isRate) push(family.rates, sum);
        }

        """#
}
