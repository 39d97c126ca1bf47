import ExporterKit
import Glibc

/// What collectors ask: the files below a folder. A server would have a connection here, and open it by the deadline.
struct ProcFiles: QuerySession, SessionProvider {
    let root: String
    var server: Void { () }

    func open(until deadline: Deadline) async throws(CollectorError) -> ProcFiles {
        guard access(root, R_OK) == 0 else {
            throw CollectorError(.connection, "\(root) cannot be read: \(String(cString: strerror(errno)))")
        }
        return self
    }

    func ask(_ questions: [String], until deadline: Deadline) async -> [Reply<String>] {
        questions.map { name in
            let began = ContinuousClock.now
            let answer = read("\(root)/\(name)")
            return Reply(answer, took: began.duration(to: .now))
        }
    }

    private func read(_ path: String) -> Result<String, CollectorError> {
        guard let file = fopen(path, "re") else {
            return .failure(CollectorError(.query, "\(path) cannot be opened: \(String(cString: strerror(errno)))"))
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return .success(String(decoding: bytes[..<count], as: UTF8.self))
    }
}
