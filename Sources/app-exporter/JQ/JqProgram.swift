internal import CJq
internal import Synchronization

/// One compiled jq expression. Compiled once when the configuration is read, run on every answer.
final class JqProgram: Sendable {
    /// As the user wrote it.
    let source: String
    private let state: Mutex<JqState>

    /// - Throws: `JqError` with jq's own words about the expression.
    init(_ source: String) throws(JqError) {
        self.source = source
        self.state = Mutex(try JqState(compiling: source))
    }

    /// An expression of this program's own, which is known to be good.
    init(known source: StaticString) {
        self.source = "\(source)"
        do throws(JqError) { state = Mutex(try JqState(compiling: self.source)) } catch {
            preconditionFailure("\(source): \(error)")
        }
    }

    /// Runs the expression.
    ///
    /// - Parameter limit: outputs beyond it are an error, so that `repeat` and the like end.
    /// - Returns: the outputs, usable on this thread only.
    /// - Throws: `JqError` with jq's own words, for example that a string cannot be indexed.
    func outputs(of input: JqValue, limit: Int) throws(JqError) -> [JqValue] {
        let start = JqReference(raw: input.copied())
        let result = state.withLock { state in state.run(consuming: start, limit: limit) }
        return try result.get().map { JqValue(adopting: $0.raw) }
    }
}

/// Why an expression or a text is refused.
struct JqError: Error, Sendable, Equatable, CustomStringConvertible {
    /// jq's own words, one line.
    let description: String
}

/// A value on its way in or out of the lock.
///
/// `@unchecked`: made, used and adopted within one synchronous call of `outputs`, so it never leaves that call's thread.
private struct JqReference: @unchecked Sendable {
    /// Owned by whoever adopts or consumes it.
    let raw: jv
}

/// Owns one `jq_state *`.
private struct JqState: ~Copyable {
    private let raw: OpaquePointer

    /// Words that mean the jq program and not an expression. Halting also makes jq 1.6 free its message twice.
    private static let prelude = """
        def halt: error("halt cannot be used here"); def halt_error: halt; def halt_error(f): halt; \
        def input: error("input cannot be used here"); def inputs: input; def debug: .; def stderr: .; \
        def input_filename: null; def input_line_number: 0; def env: {};
        """ + " "

    init(compiling source: String) throws(JqError) {
        guard !source.utf8.contains(0) else { throw JqError(description: "the expression contains a NUL byte") }
        guard let raw = jq_init() else { throw JqError(description: "libjq has no memory") }
        let messages = JqMessages()
        // The pointer is only used while `jq_compile` runs.
        jq_set_error_cb(
            raw,
            { context, message in
                guard let context else { return jv_free(message) }
                let messages = Unmanaged<JqMessages>.fromOpaque(context).takeUnretainedValue()
                messages.lines.append(JqValue(adopting: message).text ?? "")
            }, Unmanaged.passUnretained(messages).toOpaque())
        // No modules: an expression sees the answer and nothing of this machine's files.
        jq_set_attr(raw, jv_string("JQ_LIBRARY_PATH"), jv_array())
        jq_set_attr(raw, jv_string("JQ_ORIGIN"), jv_string("/nonexistent"))
        jq_set_attr(raw, jv_string("PROGRAM_ORIGIN"), jv_string("/nonexistent"))
        let compiled = withExtendedLifetime(messages) { jq_compile(raw, Self.prelude + source) }
        jq_set_error_cb(raw, { _, message in jv_free(message) }, nil)
        // jq 1.6 leaves these uninitialised.
        jq_set_input_cb(raw, { _, _ in jv_invalid() }, nil)
        jq_set_debug_cb(raw, { _, message in jv_free(message) }, nil)
        guard compiled != 0 else {
            var dead: OpaquePointer? = raw
            jq_teardown(&dead)
            throw JqError(description: messages.summary)
        }
        self.raw = raw
    }

    deinit {
        var raw: OpaquePointer? = raw
        jq_teardown(&raw)
    }

    mutating func run(consuming input: JqReference, limit: Int) -> Result<[JqReference], JqError> {
        var values: [JqReference] = []
        jq_start(raw, input.raw, 0)
        var trouble: String?
        while trouble == nil {
            let next = jq_next(raw)
            guard jv_get_kind(next) != JV_KIND_INVALID else {
                if jv_invalid_has_msg(jv_copy(next)) != 0 {
                    trouble = JqValue(adopting: jv_invalid_get_msg(next)).text ?? "error without a text"
                } else {
                    jv_free(next)
                    return .success(values)
                }
                break
            }
            values.append(JqReference(raw: next))
            if values.count > limit { trouble = "more than \(limit) results" }
        }
        for value in values { jv_free(value.raw) }
        // Lets go of what the interrupted run still holds.
        jq_start(raw, jv_null(), 0)
        return .failure(JqError(description: JqMessages.oneLine(trouble ?? "")))
    }
}

/// What jq says while it compiles.
private final class JqMessages {
    var lines: [String] = []

    /// The first line of the first complaint; what follows repeats the source, and counts.
    var summary: String {
        let first = String((lines.first ?? "jq refuses it").prefix { !$0.isNewline })
        return first.replacing("jq: error: ", with: "").replacing(" (Unix shell quoting issues?)", with: "")
            .replacing(" at <top-level>, line 1:", with: "").replacing(" at <top-level>,", with: " in")
    }

    static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
