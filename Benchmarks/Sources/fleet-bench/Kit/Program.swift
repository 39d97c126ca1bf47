import Glibc

/// A program that measures: it is told the name of a case and answers `name value unit`, as often as it is asked.
final class Program {
    let name: String
    private let child: Child
    private let input: Int32
    private let output: UnsafeMutablePointer<FILE>

    init(_ name: String, _ arguments: [String]) throws {
        self.name = name
        let (theirInput, input) = try makePipe()
        let (output, theirOutput) = try makePipe()
        child = try Child(arguments, input: theirInput, output: theirOutput)
        close(theirInput)
        close(theirOutput)
        guard let file = fdopen(output, "r") else { throw BenchError("no memory for a pipe") }
        self.input = input
        self.output = file
    }

    deinit {
        close(input)
        child.stop()
        fclose(output)
    }

    /// Measures a case once.
    ///
    /// - Returns: the value in the case's unit; `nil` when the program does not have the case.
    func measure(_ name: String) throws -> Double? {
        let line = name + "\n"
        let sent = line.withCString { write(input, $0, strlen($0)) }
        var buffer = [CChar](repeating: 0, count: 256)
        guard sent == line.utf8.count, fgets(&buffer, Int32(buffer.count), output) != nil else {
            throw BenchError("\(self.name) ended at the case \(name)")
        }
        let answer = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let words = answer.split(whereSeparator: \.isWhitespace)
        guard words.count == 3, words[0] == name else {
            throw BenchError("\(self.name) answered \"\(answer)\" to the case \(name)")
        }
        return Double(words[1])
    }
}

/// A pipe whose ends no child inherits by accident.
private func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw BenchError("no more files can be opened") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

/// Runs a command to its end.
///
/// - Returns: what it printed.
func outputOf(_ arguments: [String]) throws -> String {
    let (output, theirs) = try makePipe()
    defer { close(output) }
    let child: Child
    do {
        defer { close(theirs) }
        child = try Child(arguments, output: theirs)
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = read(output, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
    child.wait()
    return String(decoding: bytes, as: UTF8.self)
}
