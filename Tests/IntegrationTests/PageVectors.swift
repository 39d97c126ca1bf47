/// Expositions and what the page's parser makes of them: `kind family [unit] "help" name=value,... number` per series.
enum PageVectors {
    static let all: [(text: String, expected: String)] = [
        ("# HELP a Help \\\\ and \\n line.\n# TYPE a gauge\na 1\n", #"gauge a [] "Help \\ and \n line." 1"#),
        (
            "a{x=\"q\\\"uo\\\\te\\n\",y=\"},= #\",} -1.5e-3 1700000000000\n",
            #"unknown a [] "" x=q"uo\te⏎,y=},= # -0.0015"#
        ),
        (
            "a{} +Inf\nb -Inf\nc NaN\nd .5\ne 1.\nf 1E+06\n",
            "unknown a [] \"\" Infinity|unknown b [] \"\" -Infinity|unknown c [] \"\" NaN|unknown d [] \"\" 0.5"
                + "|unknown e [] \"\" 1|unknown f [] \"\" 1000000"
        ),
        (
            "# TYPE \"my.name\" counter\n# UNIT \"my.name\" seconds\n{\"my.name\",\"l.x\"=\"ü 😀\",b=\"\"} 3\n# EOF\n",
            #"counter my.name [seconds] "" l.x=ü 😀,b= 3"#
        ),
        ("{ \"only name\" } 7\n", #"unknown only name [] "" 7"#),
        (
            "# TYPE a counter\na_total{x=\"1\"} 5 1700000000.123 # {trace_id=\"a}b\"} 0.5 1700000000\na_created{x=\"1\"} 1.7e9\n",
            #"counter a [] "" x=1 5"#
        ),
        (
            "# TYPE h histogram\nh_bucket{le=\"0.5\",x=\"1\"} 2\nh_bucket{x=\"1\",le=\"+Inf\"} 3\nh_sum{x=\"1\"} 4.5\nh_count{x=\"1\"} 3\n",
            #"histogram h [] "" x=1 sum 4.5 count 3 0.5:2 Infinity:3"#
        ),
        (
            "# TYPE s summary\ns{quantile=\"0.99\"} 0.2\ns_sum 9\ns_count 4\n",
            #"summary s [] "" sum 9 count 4 0.99:0.2"#
        ),
        (
            "# TYPE i info\ni_info{v=\"1\"} 1\n# TYPE i_infos gauge\ni_infos 2\n",
            #"info i [] "" v=1 1|gauge i_infos [] "" 2"#
        ),
        (
            "# TYPE q gaugehistogram\nq_bucket{le=\"+Inf\"} 3\nq_gcount 3\nq_gsum -4\n",
            #"gaugehistogram q [] "" sum -4 count 3 Infinity:3"#
        ),
        // Two orders of the same labels are one series; a gauge that ends like part of a histogram is itself.
        ("a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\n", #"unknown a [] "" x=1,y=2 2"#),
        (
            "# TYPE a summary\na_sum 1\n# TYPE a_count gauge\na_count 5\n",
            #"summary a [] "" sum 1|gauge a_count [] "" 5"#
        ),
        ("# a comment\n\n#\n# TYPE empty gauge\na 1\r\n", #"unknown a [] "" 1"#),
        // Not understood, and counted as such.
        ("a{x=\"1\" 2\na\na{x=1} 2\n{} 1\na 0x10\na one\nok 1\n", #"unknown ok [] "" 1 bad 6"#),
        ("", ""),
    ]

    /// `summary(exposition)`: the text above.
    static let script = """
        window.summary = ({ families, bad }) => {
            const number = value => value === undefined ? '' : String(value);
            const series = one => [
                one.labels.map(label => label.join('=')).join(',').replaceAll('\\n', '⏎'), number(one.value),
                one.sum === undefined ? '' : `sum ${one.sum}`, one.count === undefined ? '' : `count ${one.count}`,
                ...(one.buckets ?? []).map(pair => pair.join(':')), ...(one.quantiles ?? []).map(pair => pair.join(':')),
            ].filter(Boolean).join(' ');
            const family = one => [...one.series.values()].map(each =>
                `${one.kind} ${one.name} [${one.unit}] ${JSON.stringify(one.help)} ${series(each)}`).join('|');
            return [...families.values()].map(family).join('|') + (bad ? ` bad ${bad}` : '');
        };
        """
}
