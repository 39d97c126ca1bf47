internal import ExporterKit
internal import RedisClient

/// `FT._LIST`, then `FT.INFO` of each index that is wanted. Names are learned from the server, so a new connection costs
/// two round trips; on a warm one they are asked together with everything else.
/// Source: https://redis.io/docs/latest/commands/ft.info/
struct SearchIndexesCollector: Collector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "search_indexes", "Size and state of search indexes, from FT.INFO.", enabledByDefault: false)
    private let wanted: LinearPattern
    private let indexes: ReplyRecords

    /// - Parameters:
    ///   - wanted: which indexes, by name.
    ///   - isStrict: give each metric the kind it should have, see `StrictKinds`.
    init(_ namespace: String, wanted: LinearPattern, isStrict: Bool = false) {
        self.wanted = wanted
        let rows = Self.documents + Self.sizes
        indexes = ReplyRecords(
            namespace, labels: ["index_name"], isStrict ? rows.map(StrictKinds.corrected) : rows)
    }

    var metrics: [MetricDescriptor] { indexes.descriptors }

    func collect(
        from session: RedisSession, until deadline: Deadline, into sink: inout MetricSink
    ) async throws(CollectorError) {
        guard !session.server.isSentinel else { return }
        guard let list = await session.ask([["FT._LIST"]], until: deadline).first else { return }
        let names = try list.list("FT._LIST").compactMap(\.text).filter(wanted.matches)
        let replies = await session.ask(names.map { ["FT.INFO", $0] }, until: deadline)
        try decode(names, replies, into: &sink)
    }

    /// - Throws: the first failure, after all others have been read.
    func decode(
        _ names: [String], _ replies: [Reply<RedisValue>], into sink: inout MetricSink
    ) throws(CollectorError) {
        var records: [(labels: [String], record: ReplyRecord)] = []
        var failure: CollectorError?
        for (name, reply) in zip(names, replies) {
            switch reply.result {
            case .success(let value):
                guard let record = ReplyRecord(value) else { continue }
                records.append(([record.text("index_name") ?? name], record))
            case .failure(let error): failure = failure ?? error
            }
        }
        indexes.read(records, into: &sink)
        if let failure { throw failure }
    }

    private static let documents: [MetricRow] = [
        .gauge("num_docs", as: "search_index_num_docs", "Documents in the index."),
        .gauge("max_doc_id", as: "search_index_max_doc_id", "Largest number of a document in the index."),
        .gauge("num_terms", as: "search_index_num_terms", "Distinct terms in the index."),
        .gauge("num_records", as: "search_index_num_records", "Entries in all inverted indexes."),
        .gauge(
            "total_inverted_index_blocks", as: "search_index_total_inverted_index_blocks",
            "Blocks of all inverted indexes."),
        .gauge("records_per_doc_avg", as: "search_index_avg_per_doc_records", "Mean entries of a document."),
        .gauge("bytes_per_record_avg", as: "search_index_avg_per_record_bytes", "Mean bytes of an entry."),
        .gauge("offsets_per_term_avg", as: "search_index_avg_per_term_offsets", "Mean positions of a term."),
        .gauge(
            "offset_bits_per_record_avg", as: "search_index_avg_per_record_offset_bits",
            "Mean bits for the positions of an entry."),
        .gauge("indexing", as: "search_index_indexing", "Whether the index is being built."),
        .gauge("percent_indexed", as: "search_index_percent_indexed", "How much of the index is built, 0 to 1."),
        .gauge(
            "hash_indexing_failures", as: "search_index_hash_indexing_failures",
            "Documents that could not be indexed."),
        .counter("number_of_uses", as: "search_index_number_of_uses_total", "Queries that used the index."),
        .gauge("cleaning", as: "search_index_cleaning", "Whether the index is being deleted."),
    ]

    private static func size(_ field: String, as name: String, _ help: String) -> MetricRow {
        .gauge(field, as: "search_index_\(name)_bytes", help, in: .mebibytes)
    }

    private static let sizes: [MetricRow] = [
        size("inverted_sz_mb", as: "inverted_size", "Bytes of the inverted indexes."),
        size("vector_index_sz_mb", as: "vector_index_size", "Bytes of the vector indexes."),
        size("offset_vectors_sz_mb", as: "offset_vectors_size", "Bytes of the positions of terms."),
        size("doc_table_size_mb", as: "doc_table_size", "Bytes of the table of documents."),
        size("sortable_values_size_mb", as: "sortable_values_size", "Bytes of the values for sorting."),
        size("key_table_size_mb", as: "key_table_size", "Bytes of the table of keys."),
        size("tag_overhead_sz_mb", as: "tag_overhead_size", "Bytes for managing tags."),
        size("text_overhead_sz_mb", as: "text_overhead_size", "Bytes for managing texts."),
        size("total_index_memory_sz_mb", as: "total_index_memory_size", "Bytes of the whole index."),
        size("geoshapes_sz_mb", as: "geoshapes_size", "Bytes of the geographic shapes."),
    ]
}
