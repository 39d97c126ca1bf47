#if canImport(Glibc)
    import Glibc
#endif

/// The real servers that `scripts/servers up` started, by the variables that `scripts/servers env` prints.
///
/// A missing variable fails the test that asks for it: a server that is not there is never a reason to skip.
struct FleetServers: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let variable: String
        var description: String {
            "\(variable) is not set: run `make test`, or `scripts/servers up` and `eval \"$(scripts/servers env)\"` first"
        }
    }

    /// Value of one variable of the contract, for example `FLEET_PG15_URL`.
    func callAsFunction(_ variable: String) throws -> String {
        guard let value = getenv(variable) else { throw Missing(variable: variable) }
        return String(cString: value)
    }
}
