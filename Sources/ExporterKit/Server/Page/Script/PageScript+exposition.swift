extension PageScript {
    /// Reads text 0.0.4, text 1.0.0 and OpenMetrics 1.0.
    /// Sources: https://prometheus.io/docs/instrumenting/exposition_formats/, https://prometheus.io/docs/specs/om/open_metrics_spec/
    static let exposition = #"""
        // A word in quotes; unrolled, so that a long one needs no stack.
        const quoted = '"([^"\\\\]*(?:\\\\[^][^"\\\\]*)*)"';
        const metadata = new RegExp(`^#\\s+(HELP|TYPE|UNIT)\\s+(?:${quoted}|(\\S+))[ \\t]?([^]*)$`);
        const element = new RegExp(`[\\s,]*(?:${quoted}|([^\\s=,{}"]+))\\s*(?:=\\s*${quoted})?(?=\\s*[,}])`, 'y');
        const opening = /\s*{/y, closing = /[\s,]*}/y, word = /\s*(\S+)/y;
        const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
        const escapes = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };
        const unescape = text => text.includes('\\') ? text.replace(/\\[n"\\]/g, pair => escapes[pair]) : text;

        /** A number as the formats write it; undefined when it is none. */
        function number(text) {
          if (decimal.test(text)) return Number(text);
          const special = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(text);
          return special ? (special[2] ? (special[1] === '-' ? -Infinity : Infinity) : NaN) : undefined;
        }

        function matchAt(pattern, line, at) {
          pattern.lastIndex = at;
          return pattern.exec(line);
        }

        /** One sample line: { name, labels: [[name, value]], value }; undefined when it cannot be understood. */
        function parseSample(line) {
          const labels = [];
          let at = Math.max(line.search(/[\s{]/), 0), name = line.slice(0, at);
          if (matchAt(opening, line, at)) {
            at = opening.lastIndex;
            while (!matchAt(closing, line, at)) {
              const [match, quotedName, plainName, value] = matchAt(element, line, at) ?? [];
              if (!match) return;
              const key = plainName ?? unescape(quotedName);
              if (value !== undefined) labels.push([key, unescape(value)]);
              else if (!plainName && !name && !labels.length) name = key;
              else return;
              at = element.lastIndex;
            }
            at = closing.lastIndex;
          }
          const value = number(matchAt(word, line, at)?.[1] ?? '');
          if (name && value !== undefined) return { name, labels, value };
        }

        const suffixes = {
          counter: ['_total', '_created'], info: ['_info'], summary: ['_sum', '_count', '_created'],
          histogram: ['_bucket', '_sum', '_count', '_created'], gaugehistogram: ['_bucket', '_gsum', '_gcount', '_created'],
        };

        /**
         * A whole exposition: { families, series, bad }; bad counts lines that were not understood. A family is
         * { name, kind, help, unit, series: Map }; a series is { labels, value } or, folded from several samples,
         * { labels, sum, count, buckets: [[le, cumulated]], quantiles: [[q, value]] }.
         */
        export function parse(text) {
          const families = new Map();
          let current, series = 0, bad = 0;
          const open = name => {
            let family = families.get(name);
            if (!family) families.set(name, family = { name, kind: 'unknown', help: '', unit: '', series: new Map() });
            return family;
          };
          /** The family of a sample, and what its name says beyond the family's. */
          const owner = name => {
            for (const family of [current, families.get(name)]) {
              if (family?.name === name) return [family, ''];
              const suffix = family && name.startsWith(family.name) ? name.slice(family.name.length) : '-';
              if (suffixes[family?.kind]?.includes(suffix)) return [family, suffix];
            }
            for (const suffix of ['_total', '_created', '_info', '_bucket', '_sum', '_count', '_gsum', '_gcount']) {
              const family = name.endsWith(suffix) && families.get(name.slice(0, -suffix.length));
              if (family && suffixes[family.kind]?.includes(suffix)) return [family, suffix];
            }
            return [open(name), ''];
          };
          for (let at = 0; at < text.length;) {
            let end = text.indexOf('\n', at);
            if (end < 0) end = text.length;
            const line = text.slice(at, text[end - 1] === '\r' ? end - 1 : end);
            at = end + 1;
            if (line.trim() === '') continue;
            if (line[0] === '#') {
              const match = metadata.exec(line);
              if (!match) continue;
              current = open(match[2] === undefined ? match[3] : unescape(match[2]));
              if (match[1] === 'HELP') current.help = unescape(match[4]);
              else if (match[1] === 'UNIT') current.unit = match[4].trim();
              else current.kind = match[4].trim().replace('untyped', 'unknown');
              continue;
            }
            const sample = parseSample(line);
            if (!sample) { bad++; continue; }
            const [family, suffix] = owner(sample.name);
            current = family;
            if (suffix === '_created') continue;
            series += fold(family, suffix, sample);
          }
          for (const [name, family] of families) if (family.series.size === 0) families.delete(name);
          return { families, series, bad };
        }

        /** Puts a sample into its series; returns how many series that made. */
        function fold(family, suffix, { name, labels, value }) {
          if (suffix === '_total' || suffix === '_info') family.shown = name;
          const special = { histogram: 'le', gaugehistogram: 'le', summary: 'quantile' }[family.kind];
          const own = special ? labels.filter(([name]) => name !== special) : labels;
          const key = JSON.stringify(own.length > 1 ? [...own].sort((a, b) => a[0] < b[0] ? -1 : 1) : own);
          let series = family.series.get(key);
          const isNew = !series;
          if (isNew) {
            series = special ? { labels: own, buckets: [], quantiles: [] } : { labels: own };
            family.series.set(key, series);
          }
          const bound = special && labels.find(([name]) => name === special)?.[1];
          if (suffix.endsWith('sum')) series.sum = value;
          else if (suffix.endsWith('count')) series.count = value;
          else if (bound === undefined) series.value = value;
          else if (special === 'le') series.buckets.push([number(bound) ?? NaN, value]);
          else series.quantiles.push([bound, value]);
          return isNew ? 1 : 0;
        }

        """#
}
