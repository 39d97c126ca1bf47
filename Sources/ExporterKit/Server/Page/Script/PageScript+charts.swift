extension PageScript {
    /// Small charts as inline SVG, by attributes only: the policy allows no inline style.
    static let charts = #"""
        function make(name, properties, ...children) {
          const made = Object.assign(document.createElement(name), properties);
          made.append(...children);
          return made;
        }

        function draw(name, attributes, ...children) {
          const made = document.createElementNS('http://www.w3.org/2000/svg', name);
          for (const key in attributes) made.setAttribute(key, attributes[key]);
          made.append(...children);
          return made;
        }

        const canvas = (kind, label, children) => draw('svg',
          { class: kind, viewBox: '0 0 100 24', preserveAspectRatio: 'none', role: 'img', 'aria-label': label }, ...children);

        /** Courses as lines on one scale that includes the base, newest at the right. */
        function sparkline(courses, label, base = NaN) {
          const known = courses.flat().filter(Number.isFinite);
          if (known.length < 2) return;
          const least = Math.min(...known), high = Math.max(...known);
          const low = base < least ? base : least;
          const step = 100 / Math.max(...courses.map(course => course.length - 1));
          const y = value => high === low ? 12 : 22 - 20 * (value - low) / (high - low);
          const lines = courses.map(course => {
            let path = '', pen = 'M';
            course.forEach((value, index) => {
              if (!Number.isFinite(value)) { pen = 'M'; return; }
              path += `${pen}${(100 - (course.length - 1 - index) * step).toFixed(1)} ${y(value).toFixed(1)}`;
              pen = 'L';
            });
            return draw('path', { d: path, class: 'line' });
          });
          const only = courses.length === 1 && courses[0].every(Number.isFinite);
          if (only) {
            const left = 100 - (courses[0].length - 1) * step;
            lines.unshift(draw('path', { d: `${lines[0].getAttribute('d')}L100 24L${left} 24Z`, class: 'area' }));
          }
          return canvas('spark', `${label}, ${plain(least)} to ${plain(high)}`, lines);
        }

        /** Observations per bucket as bars, each telling its bounds. */
        function bars(buckets, unit) {
          const counts = buckets.map(([, count], index) => Math.max(0, count - (buckets[index - 1]?.[1] ?? 0)));
          const most = Math.max(...counts);
          if (!(most > 0) || buckets.length < 2) return;
          const width = 100 / counts.length;
          return canvas('bars', `${counts.length} buckets`, counts.map((count, index) => {
            const height = count > 0 ? Math.max(1.5, 23 * count / most) : 0.5;
            const bar = draw('rect', {
              x: (index * width + width * 0.1).toFixed(2), y: (24 - height).toFixed(2), width: (width * 0.8).toFixed(2),
              height: height.toFixed(2), class: count > 0 ? 'bar-full' : 'bar-none',
            });
            bar.append(draw('title', {}, `up to ${human(buckets[index][0], unit)}: ${plain(count)}`));
            return bar;
          }));
        }

        """#
}
