internal import ExporterCommand

/// A text of a step: written in the file, or a secret that is read when it is used.
enum FlowValue: Sendable {
    case text(FlowText)
    case secret(Secret)

    /// - Throws: a variable without value; a secret that cannot be read.
    func expanded(
        with values: FlowVariables, _ encode: (String) -> String = { $0 }
    ) throws(FlowTrouble) -> String {
        switch self {
        case .text(let text):
            return try FlowTrouble.from { () throws(FlowVariables.Missing) in
                try text.expanded(with: values, encode)
            }
        case .secret(let secret):
            do throws(ConfigurationError) { return encode(try secret.value) } catch { throw .secret("\(error)") }
        }
    }

    /// Names of the variables in it.
    var variables: [String] {
        if case .text(let text) = self { text.variables } else { [] }
    }
}

/// Why a step cannot be sent.
enum FlowTrouble: Error {
    /// A variable that no step has given a value.
    case missing(String)
    /// A secret that cannot be read; names the place only.
    case secret(String)
    /// A variable that leads to another host than the base's, or is no path.
    case astray(String)
    /// No URL comes out.
    case address

    static func from<Value>(
        _ work: () throws(FlowVariables.Missing) -> Value
    ) throws(FlowTrouble) -> Value {
        do throws(FlowVariables.Missing) { return try work() } catch { throw .missing(error.name) }
    }
}

/// What a step sends.
enum FlowBody: Sendable {
    case json(FlowJSON)
    case form([(name: String, value: FlowValue)])
    case raw(FlowValue)

    var contentType: String? {
        switch self {
        case .json: "application/json"
        case .form: "application/x-www-form-urlencoded"
        case .raw: nil
        }
    }

    func bytes(with values: FlowVariables) throws(FlowTrouble) -> [UInt8] {
        switch self {
        case .json(let tree): return Array(try tree.text(with: values).utf8)
        case .form(let fields):
            var text = ""
            for field in fields {
                let value = try field.value.expanded(with: values)
                if !text.isEmpty { text += "&" }
                text += "\(PercentText.encoded(field.name))=\(PercentText.encoded(value))"
            }
            return Array(text.utf8)
        case .raw(let value): return Array(try value.expanded(with: values).utf8)
        }
    }

    /// Names of the variables in it.
    var variables: [String] {
        switch self {
        case .json(let tree): tree.variables
        case .form(let fields): fields.flatMap(\.value.variables)
        case .raw(let value): value.variables
        }
    }
}

/// JSON as it is written in the file, variables and secrets in its texts.
indirect enum FlowJSON: Sendable {
    /// A number, a boolean or null, as JSON has it.
    case literal(String)
    case text(FlowValue)
    case array([FlowJSON])
    case object([(key: String, value: FlowJSON)])

    /// A text that is nothing but a variable becomes what the variable is: a number stays a number.
    func text(with values: FlowVariables) throws(FlowTrouble) -> String {
        switch self {
        case .literal(let text): return text
        case .text(.text(let text)):
            if let name = text.onlyVariable {
                return try FlowTrouble.from { () throws(FlowVariables.Missing) in try values[name].json }
            }
            return JSONText.quoted(
                try FlowTrouble.from { () throws(FlowVariables.Missing) in try text.expanded(with: values) })
        case .text(let secret): return JSONText.quoted(try secret.expanded(with: values))
        case .array(let items):
            var texts: [String] = []
            for item in items { texts.append(try item.text(with: values)) }
            return "[\(texts.joined(separator: ","))]"
        case .object(let entries):
            var texts: [String] = []
            for entry in entries {
                texts.append("\(JSONText.quoted(entry.key)):\(try entry.value.text(with: values))")
            }
            return "{\(texts.joined(separator: ","))}"
        }
    }

    /// Names of the variables in it.
    var variables: [String] {
        switch self {
        case .literal: []
        case .text(let value): value.variables
        case .array(let items): items.flatMap(\.variables)
        case .object(let entries): entries.flatMap(\.value.variables)
        }
    }
}
