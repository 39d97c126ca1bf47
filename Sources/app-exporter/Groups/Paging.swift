internal import CurlClient
internal import ExporterKit

/// How an answer goes on.
struct Paging: Sendable {
    enum Way: Sendable {
        /// The expression gives what the next request needs: the value of a parameter, or without a parameter the address
        /// of the next page.
        case next(JqProgram, parameter: String?)
        /// `Link: <...>; rel="next"`
        case link
        /// A parameter that counts pages; the first page without items is behind the last.
        case number(parameter: String, first: Int)
    }
    let way: Way
    /// Of the whole page: `false` or `null` ends the paging.
    let more: JqProgram?
    /// More pages than this are not read, and then none counts.
    let maximumPages: Int

    /// What a page says about the next one.
    func mark(in root: JqValue, items: Int) throws(JqError) -> PageMark? {
        if let more, try more.one(of: root)?.isTrue != true { return nil }
        switch way {
        case .link: return .link
        case .number: return items == 0 ? nil : .number
        case .next(let next, _):
            switch try next.one(of: root) {
            case nil, .null, .bool(false), .text(""): return nil
            case .some(let value):
                guard let text = value.labelText else {
                    throw JqError(description: "paging: next gives an array or object; it must give one value")
                }
                return .value(text)
            }
        }
    }

    /// The request for the next page.
    ///
    /// - Parameters:
    ///   - first: the request of the first page.
    ///   - pages: pages read so far.
    /// - Returns: `nil` behind the last page.
    func request(
        after mark: PageMark?, _ answer: HTTPAnswer, first: SourceRequest, current: SourceRequest, pages: Int,
        _ source: HTTPSource
    ) throws(CollectorError) -> SourceRequest? {
        switch (mark, way) {
        case (nil, _): return nil
        case (.number, .number(let parameter, let start)): return first.setting(parameter, "\(start + pages)")
        case (.value(let value), .next(_, let parameter?)): return first.setting(parameter, value)
        case (.value(let link), _): return try source.follow(link, from: current)
        case (.link?, _):
            for line in answer.headers where line.name.lowercased() == "link" {
                if let link = Self.next(in: line.value) { return try source.follow(link, from: current) }
            }
            return nil
        case (.number?, _): return nil
        }
    }

    /// The address with `rel="next"` in a `Link` header (RFC 8288).
    static func next(in header: String) -> String? {
        var rest = header[...]
        while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
            let address = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            // Up to the next address: a comma may stand in a parameter, `<` may not.
            let parameters = rest.prefix { $0 != "<" }
            for parameter in parameters.split(separator: ";") {
                let halves = parameter.split(separator: "=", maxSplits: 1).map { $0.filter { !"\",".contains($0) } }
                guard halves.count == 2, halves[0].filter({ $0 != " " }).lowercased() == "rel" else { continue }
                if halves[1].split(separator: " ").contains(where: { $0.lowercased() == "next" }) {
                    return String(address)
                }
            }
        }
        return nil
    }
}

/// What a page says about the next one.
enum PageMark: Sendable, Equatable {
    case value(String)
    /// Look into the header.
    case link
    /// Count on.
    case number
}
