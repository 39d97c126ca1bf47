internal import ExporterKit

/// One of the alerts about a budget that is used up too fast: it fires while both windows say so, and ends soon after the
/// short one does not.
///
/// Factors are those of the SRE workbook for 30 days. For another window the same share of the budget counts, so the factor
/// grows with it; it is never below 1, which is the pace at which the budget lasts just to the end of the window.
/// Source: https://sre.google/workbook/alerting-on-slos/
struct BurnAlert {
    let name: String
    let severity: String
    let long: String
    let short: String
    let longHours: Double
    /// Share of the budget that is gone when the pace has lasted for the long window.
    let share: Double
    /// Time for which it must hold.
    let pending: String

    static let all = [
        BurnAlert(
            name: "SLOErrorBudgetFastBurn", severity: "critical", long: "1h", short: "5m", longHours: 1, share: 0.02,
            pending: "2m"),
        BurnAlert(
            name: "SLOErrorBudgetBurnElevated", severity: "critical", long: "6h", short: "30m", longHours: 6,
            share: 0.05,
            pending: "15m"),
        BurnAlert(
            name: "SLOErrorBudgetTrend", severity: "warning", long: "3d", short: "6h", longHours: 72, share: 0.1,
            pending: "1h"),
    ]

    /// Pace from which it fires: 1 uses up the budget in just the window.
    ///
    /// Where even an outage cannot be that fast, because the objective is low, nine tenths of an outage's pace.
    func factor(for objective: Objective) -> Double {
        let wanted = max(1, share * objective.window.seconds / 3600 / longHours)
        let outage = 1 / (1 - objective.objective)
        return min(wanted, max(1, 0.9 * outage))
    }
}
