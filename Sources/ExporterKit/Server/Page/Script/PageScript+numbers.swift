extension PageScript {
    /// Numbers for people. The exact text is always at hand in the expanded series.
    static let numbers = #"""
        const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
        const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
        const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
        const units = ['seconds', 'bytes', 'ratio', 'celsius', 'meters', 'volts', 'amperes', 'joules', 'grams'];

        /** The unit that was told, or the one at the end of the name. */
        function unitOf(family) {
          if (family.unit) return family.unit;
          const words = family.name.replace(/_total$/, '').split('_');
          return units.includes(words.at(-1)) ? words.at(-1) : '';
        }

        const isTime = (family, value) =>
          unitOf(family) === 'seconds' && /time(stamp)?_seconds$/.test(family.name) && value > 5e8 && value < 5e9;

        function plain(value) {
          if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
          const size = Math.abs(value);
          if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(3);
          return Number.isInteger(value) ? whole.format(value) : size >= 1e4 ? whole.format(value) : digits.format(value);
        }

        const steps = {
          seconds: [[86400 * 2, 86400, 'd'], [7200, 3600, 'h'], [120, 60, 'min'], [1, 1, 's'], [1e-3, 1e-3, 'ms'],
            [1e-6, 1e-6, 'µs'], [0, 1e-9, 'ns']],
          bytes: [[2 ** 50, 2 ** 50, 'PiB'], [2 ** 40, 2 ** 40, 'TiB'], [2 ** 30, 2 ** 30, 'GiB'], [2 ** 20, 2 ** 20, 'MiB'],
            [1024, 1024, 'KiB'], [0, 1, 'B']],
          ratio: [[0, 0.01, '%']],
        };

        function human(value, unit) {
          if (value === undefined) return '';
          const step = Number.isFinite(value) && steps[unit]?.find(([least]) => Math.abs(value) >= least);
          if (!step || (value === 0 && unit === 'seconds')) return plain(value);
          const size = value / step[1];
          return `${Math.abs(size) >= 1000 ? whole.format(size) : short.format(size)}\u00a0${step[2]}`;
        }

        const perSecond = (rate, unit) => `${steps[unit] || Math.abs(rate) >= 100 ? human(rate, unit) : short.format(rate)}/s`;

        /** Value of a family's number, with points in time as such. */
        function shown(family, value) {
          if (!isTime(family, value)) return human(value, unitOf(family));
          const time = new Date(value * 1000);
          const pad = part => String(part).padStart(2, '0');
          return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())} ` +
            `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
        }

        /** An estimate of a quantile from cumulated buckets, as histogram_quantile makes it. */
        function quantile(q, buckets) {
          const total = buckets.at(-1)?.[1];
          if (!(total > 0)) return;
          const index = buckets.findIndex(([, count]) => count >= q * total);
          const [high, count] = buckets[index];
          if (high === Infinity) return buckets[index - 1]?.[0];
          const [low, below] = buckets[index - 1] ?? [Math.min(0, high), 0];
          return low + (high - low) * (q * total - below) / (count - below);
        }

        """#
}
