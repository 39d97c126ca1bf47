extension Exposition {
    /// What does not follow the conventions of Prometheus, by the rules of promtool's `check metrics`.
    ///
    /// A name that has to stay is left out by the test:
    /// `problems.filter { $0.rule != .unitAbbreviation }`.
    ///
    /// - Returns: sorted by metric, each problem of a metric once; empty when all is well.
    public func lint() -> [LintProblem] {
        families.flatMap { FamilyLint($0, in: syntax).problems }.sorted { left, right in
            (left.metric, left.rule.rawValue, left.text) < (right.metric, right.rule.rawValue, right.text)
        }
    }
}
