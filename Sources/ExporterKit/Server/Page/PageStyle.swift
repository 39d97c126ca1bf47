/// Colours and layout of the page: light and dark by the system's wish, contrast AA in both, usable at 360 pixels.
enum PageStyle {
    static let text = #"""
        :root {
          color-scheme: light dark;
          --page: #f5f6f8; --card: #ffffff; --raised: #eef0f4; --edge: #d9dde4; --text: #171a21; --soft: #565f6e;
          --accent: #3457d5; --line: #3457d5; --area: #3457d51f; --good: #14693a; --good-back: #dff3e6; --bad: #a8201a;
          --bad-back: #fde7e5; --key: #5c3d99; --mark: #f0f3fd;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #0f1218; --card: #171b23; --raised: #1f242e; --edge: #2c333f; --text: #e7eaf0; --soft: #a0a9b8;
            --accent: #8ea8ff; --line: #8ea8ff; --area: #8ea8ff26; --good: #7fdca4; --good-back: #14321f; --bad: #ff9d96;
            --bad-back: #3d1715; --key: #c5aef5; --mark: #1c2334;
          }
        }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        body { margin: 0 auto; max-width: 84rem; min-width: 20rem; padding: 1.5rem 1.25rem 3rem; background: var(--page); color: var(--text);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
        code, .label, .name small code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
        a { color: var(--accent); }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
        .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

        header { display: grid; grid-template-columns: 1fr auto; align-items: center; gap: .1rem 1rem; margin-bottom: 1.1rem; }
        h1 { display: flex; align-items: center; flex-wrap: wrap; gap: .2rem .6rem; margin: 0; font-size: 1.5rem; line-height: 1.3; }
        h1 small { font: 500 .8rem/1.6 ui-monospace, monospace; padding: 0 .5rem; border-radius: 1rem; color: var(--soft);
          background: var(--raised); border: 1px solid var(--edge); overflow-wrap: anywhere; }
        header p { margin: 0; color: var(--soft); grid-row: 2; }
        nav { display: flex; flex-wrap: wrap; gap: .4rem; grid-row: 1 / 3; grid-column: 2; }
        nav a { padding: .25rem .8rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--card); text-decoration: none; }
        nav a:hover { border-color: var(--accent); }

        section { margin-top: 1rem; padding: .9rem 1rem; background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
        h2 { display: inline; margin: 0; font-size: 1.05rem; }
        #tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem; }
        .tile { position: relative; display: grid; padding: .6rem .9rem .3rem; overflow: hidden; background: var(--card);
          border: 1px solid var(--edge); border-radius: 10px; min-height: 6.2rem; align-content: start; }
        .tile span { color: var(--soft); font-size: .85rem; }
        .tile strong { font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
        .tile svg { width: 100%; height: 26px; margin-top: .2rem; }
        .inline { display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem .9rem; }
        .targets { display: flex; flex-wrap: wrap; gap: .3rem .5rem; margin: 0; padding: 0; list-style: none; }
        .targets code { display: block; padding: .1rem .55rem; border-radius: 5px; background: var(--raised); overflow-wrap: anywhere; }
        .targets code, td code, th code { font-size: .87rem; }

        summary { cursor: pointer; }
        #collector-count { color: var(--soft); margin-left: .4rem; }
        .scroll { max-height: 24rem; overflow: auto; margin-top: .5rem; }
        table { width: 100%; border-collapse: collapse; }
        th, td { padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--edge); }
        tbody tr:last-child > * { border-bottom: 0; }
        th { font-weight: 500; }
        thead th { color: var(--soft); font-size: .82rem; font-weight: 500; white-space: nowrap; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        th small, td small { display: block; color: var(--soft); font-size: .82rem; line-height: 1.4; font-weight: 400; }
        #collectors th small { display: inline; margin-left: .5rem; }
        .good, .bad, .idle { display: inline-block; padding: 0 .5rem; border-radius: 5px; font-size: .87rem; overflow-wrap: anywhere; }
        .good { color: var(--good); background: var(--good-back); }
        .bad { color: var(--bad); background: var(--bad-back); }
        .idle { color: var(--soft); background: var(--raised); }

        .bar { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .9rem;
          margin: -.9rem -1rem 0; padding: .7rem 1rem; background: var(--card); border-radius: 10px 10px 0 0; border-bottom: 1px solid var(--edge); }
        .search { position: relative; flex: 1 1 16rem; }
        .search kbd { position: absolute; right: .6rem; top: 50%; transform: translateY(-50%); }
        input[type=search] { width: 100%; padding: .4rem .7rem; }
        .search:focus-within kbd, input:not(:placeholder-shown) + kbd { visibility: hidden; }
        input[type=search], select, button { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--edge); border-radius: 6px; }
        input::placeholder { color: var(--soft); opacity: 1; }
        input[type=checkbox] { accent-color: var(--accent); }
        select { padding: .35rem .4rem; }
        button { padding: .35rem .9rem; min-width: 5.5rem; cursor: pointer; }
        button:hover { border-color: var(--accent); }
        button[aria-pressed=true] { color: var(--card); background: var(--accent); border-color: var(--accent); }
        label { white-space: nowrap; }
        kbd { padding: 0 .35rem; border: 1px solid var(--edge); border-radius: 4px; color: var(--soft); background: var(--raised); font: .8rem/1.5 ui-monospace, monospace; }
        .note { margin: .5rem 0; color: var(--soft); font-size: .85rem; }
        #failure { margin: .7rem 0 0; padding: .5rem .8rem; color: var(--bad); background: var(--bad-back); border-radius: 6px; overflow-wrap: anywhere; }
        .stale table { opacity: .55; }

        [role=treegrid] { table-layout: fixed; }
        [role=treegrid] thead th:nth-child(2) { width: 6.6rem; }
        [role=treegrid] thead th:nth-child(3) { width: 5.2rem; }
        [role=treegrid] thead th:nth-child(4) { width: 4.4rem; }
        [role=treegrid] thead th:nth-child(5) { width: 13.5rem; }
        [role=treegrid] thead th:nth-child(6) { width: 17.5rem; padding-left: 1rem; }
        #rows tr { cursor: pointer; scroll-margin: 4.5rem 0 1rem; }
        #rows tr.series { cursor: default; }
        #rows tr:hover { background: var(--mark); }
        #rows tr:focus-visible { outline-offset: -2px; background: var(--mark); }
        .name { overflow-wrap: anywhere; }
        .family .name { position: relative; padding-left: 1.3rem; }
        .family .name code { font-weight: 600; }
        .twisty { position: absolute; left: .25rem; top: .35rem; color: var(--soft); transition: transform .1s; }
        .twisty::before { content: "\203A"; font-size: 1.15rem; line-height: 1.2; }
        [aria-expanded=true] .twisty { transform: rotate(90deg); }
        .kind span { padding: 0 .45rem; border-radius: 5px; background: var(--raised); color: var(--soft); font-size: .82rem; }
        .unit, .count { color: var(--soft); }
        .value { overflow-wrap: anywhere; white-space: normal; }
        .moving .value { color: var(--accent); font-weight: 600; }
        .trend { padding-left: 1rem; padding-right: .3rem; }
        .trend > svg { float: left; clear: left; width: 8.5rem; margin: 0 .7rem 2px 0; }
        .trend span { color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; display: block; overflow: hidden; }
        .series { background: var(--page); }
        .series .name { padding-left: 1.3rem; }
        .label { margin-right: .8rem; font-size: .84rem; white-space: pre-wrap; }
        .label span { color: var(--key); }
        .more td { color: var(--accent); text-align: center; }
        svg { display: block; width: 100%; height: 24px; overflow: hidden; }
        .line { fill: none; stroke: var(--line); stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
        .area { fill: var(--area); }
        .bar-full { fill: var(--line); opacity: .7; }
        .bar-none { fill: var(--edge); }

        @media (max-width: 56rem) {
          body { padding: 1rem .7rem 2rem; }
          header { grid-template-columns: 1fr; }
          nav { grid-row: auto; grid-column: 1; margin-top: .4rem; }
          #tiles { grid-template-columns: 1fr 1fr; }
          .bar h2 { display: none; }
          .bar { gap: .5rem .6rem; }
          .search { flex-basis: 100%; }
          .bar label { font-size: .9rem; }
          .every { display: none; }
          select { padding: .3rem .1rem; }
          button { min-width: 4.6rem; padding: .35rem .4rem; margin-left: auto; }
          [role=treegrid] thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
          [role=treegrid], #rows { display: block; }
          #rows tr { display: grid; grid-template-columns: auto auto 1fr; gap: .15rem .6rem; padding: .5rem 0; border-bottom: 1px solid var(--edge); align-items: baseline; }
          #rows td { padding: 0; border: 0; }
          #rows .name { grid-column: 1 / -1; padding-left: 1.1rem; }
          #rows .kind { padding-left: 1.1rem; }
          #rows .count { display: none; }
          #rows .value { text-align: right; grid-column: 3; }
          #rows .series .value { grid-column: 1 / -1; text-align: left; padding-left: 1.1rem; }
          #rows .trend { grid-column: 1 / -1; padding-left: 1.1rem; }
          #rows .trend:has(> span:only-child:empty) { display: none; }
          #rows .series .value small { display: inline; margin-left: .5rem; }
          #rows .twisty { left: 0; top: 0; }
          #rows .more td { grid-column: 1 / -1; }
          #collectors th small { display: none; }
        }
        @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
        @media (forced-colors: active) { .line { stroke: CanvasText; } .bar-full { fill: CanvasText; } }

        """#

    /// In the title and on the browser's tab.
    static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3457d5"/>\
        <path d="M5 20h5l3-10 5 14 4-9 2 5h3" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" \
        stroke-linejoin="round"/></svg>
        """
}
