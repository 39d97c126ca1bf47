internal import CCurl

/// Owns one `CURL *` with the error buffer and the header list it points into; confined to the loop's thread.
struct CurlHandle: ~Copyable {
    /// For the calls of the multi interface and of `Transfer`; never kept.
    let raw: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var connectList: UnsafeMutablePointer<curl_slist>?
    private var firstFailure = CURLE_OK

    /// `nil` when libcurl has no memory.
    init?() {
        guard let raw = curl_easy_init() else { return nil }
        self.raw = raw
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        note(CCurl_setopt_pointer(raw, CURLOPT_ERRORBUFFER, errorText))
    }

    /// The handle goes first: it may still write into the buffer and read the list.
    deinit {
        curl_easy_cleanup(raw)
        curl_slist_free_all(headerList)
        curl_slist_free_all(connectList)
        errorText.deallocate()
    }

    /// The first option that libcurl refused; `CURLE_OK` when all were taken.
    var optionFailure: CURLcode { firstFailure }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(CCurl_setopt_long(raw, option, value))
    }

    mutating func setSize(_ option: CURLoption, _ value: Int) {
        note(CCurl_setopt_size(raw, option, curl_off_t(value)))
    }

    /// libcurl copies the text.
    mutating func set(_ option: CURLoption, _ value: String) {
        note(CCurl_setopt_string(raw, option, value))
    }

    /// Back to nothing, where libcurl was built with a default.
    mutating func clear(_ option: CURLoption) {
        note(CCurl_setopt_string(raw, option, nil))
    }

    /// An option that older versions of libcurl do not know and that is no loss there.
    mutating func setIfKnown(_ option: CURLoption, _ value: Int) {
        _ = CCurl_setopt_long(raw, option, value)
    }

    /// `HOST:PORT:OTHER-HOST:OTHER-PORT`: connects to the other one instead.
    mutating func setConnectTo(_ line: String) {
        guard let list = curl_slist_append(connectList, line) else { return note(CURLE_OUT_OF_MEMORY) }
        connectList = list
        note(CCurl_setopt_pointer(raw, CURLOPT_CONNECT_TO, list))
    }

    /// Who sees OpenSSL's context before a handshake. `context` is not retained: it outlives the handle.
    mutating func setContextMaker(_ maker: @escaping CCurl_context_maker, context: UnsafeMutableRawPointer) {
        note(CCurl_setopt_context_maker(raw, maker))
        note(CCurl_setopt_pointer(raw, CURLOPT_SSL_CTX_DATA, context))
    }

    /// Who receives body or header bytes. `context` is not retained: it outlives the handle.
    mutating func set(
        _ option: CURLoption, _ sink: @escaping CCurl_sink, context option2: CURLoption,
        _ context: UnsafeMutableRawPointer
    ) {
        note(CCurl_setopt_sink(raw, option, sink))
        note(CCurl_setopt_pointer(raw, option2, context))
    }

    /// The bytes are copied by libcurl, for which the size must be known first.
    mutating func setBody(_ bytes: [UInt8]) {
        setSize(CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
        let code = bytes.withUnsafeBytes { buffer -> CURLcode in
            var empty: UInt8 = 0
            guard let start = buffer.baseAddress else {
                return CCurl_setopt_pointer(raw, CURLOPT_COPYPOSTFIELDS, &empty)
            }
            return CCurl_setopt_pointer(raw, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
        }
        note(code)
    }

    mutating func setHeaders(_ lines: [String]) {
        for line in lines {
            guard let longer = curl_slist_append(headerList, line) else { return note(CURLE_OUT_OF_MEMORY) }
            headerList = longer
        }
        note(CCurl_setopt_pointer(raw, CURLOPT_HTTPHEADER, headerList))
    }

    private mutating func note(_ code: CURLcode) {
        if firstFailure == CURLE_OK { firstFailure = code }
    }

    /// libcurl's own words about the last failure.
    func message(for code: CURLcode) -> String {
        let own = String(cString: errorText)
        return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
    }

    func number(_ info: CURLINFO) -> Int {
        var value = 0
        return CCurl_getinfo_long(raw, info, &value) == CURLE_OK ? value : 0
    }

    func size(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return CCurl_getinfo_size(raw, info, &value) == CURLE_OK ? Int(value) : 0
    }

    func text(_ info: CURLINFO) -> String? {
        var value: UnsafePointer<CChar>?
        guard CCurl_getinfo_string(raw, info, &value) == CURLE_OK, let value else { return nil }
        return String(cString: value)
    }

    /// Every cookie that the handle knows, one line each, as `CURLOPT_COOKIELIST` takes it.
    func cookieLines() -> [String] {
        var list: UnsafeMutablePointer<curl_slist>?
        guard CCurl_getinfo_cookies(raw, &list) == CURLE_OK else { return [] }
        defer { curl_slist_free_all(list) }
        var lines: [String] = []
        var item = list
        while let line = item?.pointee {
            if let data = line.data { lines.append(String(cString: data)) }
            item = line.next
        }
        return lines
    }
}
