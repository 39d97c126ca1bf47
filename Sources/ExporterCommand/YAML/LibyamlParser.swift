internal import CYAML

/// One step of a YAML stream, as plain Swift values.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case scalar(YAMLScalar)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
        case alias
    }

    let kind: Kind
    let position: YAMLPosition
    /// Name behind `&`, or behind `*` for an alias.
    var anchor: String?
    /// Tag with its prefix written out.
    var tag: String?
}

/// Owns one libyaml parser and the bytes it reads.
struct LibyamlParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let file: String

    /// - Parameters:
    ///   - bytes: UTF-8 without a byte order mark; copied.
    ///   - file: for positions.
    /// - Throws: only when memory is short.
    init(_ bytes: ArraySlice<UInt8>, file: String) throws(ConfigurationError) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw ConfigurationError("cannot start the YAML parser: out of memory", at: file)
        }
        self.parser = parser
        self.file = file
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(fromContentsOf: bytes)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event. After `streamEnd` there is none: do not ask.
    mutating func next() throws(ConfigurationError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        return translated(event)
    }

    // MARK: - Events

    private func translated(_ event: yaml_event_t) -> YAMLEvent {
        let position = position(event.start_mark)
        switch event.type {
        case YAML_SCALAR_EVENT: return scalar(event.data.scalar, at: position)
        case YAML_SEQUENCE_START_EVENT:
            let data = event.data.sequence_start
            return YAMLEvent(kind: .sequenceStart, position: position, anchor: text(data.anchor), tag: text(data.tag))
        case YAML_MAPPING_START_EVENT:
            let data = event.data.mapping_start
            return YAMLEvent(kind: .mappingStart, position: position, anchor: text(data.anchor), tag: text(data.tag))
        case YAML_ALIAS_EVENT:
            return YAMLEvent(kind: .alias, position: position, anchor: text(event.data.alias.anchor))
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, position: position)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, position: position)
        case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, position: position)
        case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, position: position)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, position: position)
        default: return YAMLEvent(kind: .streamEnd, position: position)
        }
    }

    private typealias ScalarData = yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar

    private func scalar(_ data: ScalarData, at position: YAMLPosition) -> YAMLEvent {
        let bytes = UnsafeBufferPointer(start: data.value, count: data.length)
        let isPlain = data.style == YAML_PLAIN_SCALAR_STYLE
        let scalar = YAMLScalar(text: String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
        return YAMLEvent(kind: .scalar(scalar), position: position, anchor: text(data.anchor), tag: text(data.tag))
    }

    private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func position(_ mark: yaml_mark_t) -> YAMLPosition {
        YAMLPosition(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    // MARK: - Errors

    private func syntaxError() -> ConfigurationError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "the text is not YAML"
        if state.error == YAML_READER_ERROR {
            let place = TextPosition(before: Int(state.problem_offset), in: input[...])
            return ConfigurationError(
                "not YAML: \(problem); remove the character", at: "\(file):\(place.line):\(place.column)")
        }
        let place = position(state.problem_mark)
        let context = state.context.map { " \(String(cString: $0))" } ?? ""
        return ConfigurationError("not YAML: \(problem)\(context); \(advice(problem))", at: place.description)
    }

    private func advice(_ problem: String) -> String {
        let index = Int(parser.pointee.problem_mark.index)
        if problem == "found character that cannot start any token" {
            let character = String(decoding: input, as: UTF8.self).unicodeScalars.dropFirst(index).first
            return character == "\t" ? "indent with spaces, not with tabs" : "put the value in quotes"
        }
        if problem == "mapping values are not allowed in this context" {
            return "put text that contains \": \" in quotes, or correct the indentation"
        }
        return "check the indentation and the quotes at and above this line"
    }
}

/// Line and column of a byte, both from 1, the column in characters.
struct TextPosition {
    let line: Int
    let column: Int

    init(before offset: Int, in bytes: some Sequence<UInt8>) {
        var line = 1
        var column = 1
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }
}
