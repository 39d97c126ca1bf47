import Testing

@testable import ExporterKit

/// Every `Accept` header that a Prometheus sends, and what others send.
@Suite struct NegotiationTests {
    private static let proto =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
    private static let om = "application/openmetrics-text"
    private static let utf8 = "escaping=allow-utf-8"

    @Test(arguments: [
        ("2.40", "\(om);version=1.0.0;q=0.75,\(om);q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
        ("2.41 to 2.48", "\(om);version=1.0.0,\(om);version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
        (
            "2.49, whose wildcard has an impossible weight",
            "\(om);version=1.0.0;q=0.5,\(om);version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=2"
        ),
        (
            "2.50 to 2.55",
            "\(om);version=1.0.0;q=0.5,\(om);version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
        ),
    ])
    func prometheus2AsksForOpenMetrics(version: String, accept: String) {
        #expect(ExpositionFormat.negotiated(accept: accept) == .openMetrics100)
    }

    @Test(arguments: [
        (
            "2.40",
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited,"
                + "\(om);version=1.0.0;q=0.75,\(om);q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        ),
        (
            "2.41 to 2.48",
            "\(proto),\(om);version=1.0.0;q=0.8,\(om);version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        ),
        (
            "2.49, whose wildcard outweighs everything",
            "\(proto);q=0.5,\(om);version=1.0.0;q=0.4,\(om);version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=1"
        ),
        (
            "2.50 to 2.55",
            "\(proto);q=0.5,\(om);version=1.0.0;q=0.4,\(om);version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
        ),
    ])
    func prometheus2WithNativeHistogramsAsksForProtobuf(version: String, accept: String) {
        #expect(ExpositionFormat.negotiated(accept: accept) == ExpositionFormat(.protobuf))
    }

    @Test(arguments: [
        (
            "2.55 with utf8-names",
            "\(om);version=1.0.0;\(utf8);q=0.5,\(om);version=0.0.1;\(utf8);q=0.4,"
                + "text/plain;version=0.0.4;\(utf8);q=0.3,*/*;\(utf8);q=0.2"
        ),
        (
            "3.0 to 3.3, which repeat the scheme",
            "\(om);version=1.0.0;\(utf8);q=0.6,\(om);version=0.0.1;\(utf8);q=0.5,"
                + "text/plain;version=1.0.0;\(utf8);\(utf8);q=0.4,text/plain;version=0.0.4;\(utf8);q=0.3,*/*;\(utf8);q=0.2"
        ),
        (
            "3.4 to 3.14",
            "\(om);version=1.0.0;\(utf8);q=0.6,\(om);version=0.0.1;q=0.5,text/plain;version=1.0.0;\(utf8);q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
        ),
    ])
    func prometheus3AsksForOpenMetricsWithAnyName(version: String, accept: String) {
        #expect(ExpositionFormat.negotiated(accept: accept) == ExpositionFormat(.openMetrics100, escaping: .allowUTF8))
    }

    @Test(arguments: [
        (
            "3.0 to 3.3",
            "\(proto);\(utf8);q=0.6,\(om);version=1.0.0;\(utf8);q=0.5,\(om);version=0.0.1;\(utf8);q=0.4,"
                + "text/plain;version=1.0.0;\(utf8);\(utf8);q=0.3,text/plain;version=0.0.4;\(utf8);q=0.2,*/*;\(utf8);q=0.1"
        ),
        (
            "3.4 to 3.14, which name no scheme for protobuf but read any name there",
            "\(proto);q=0.6,\(om);version=1.0.0;\(utf8);q=0.5,\(om);version=0.0.1;q=0.4,"
                + "text/plain;version=1.0.0;\(utf8);q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
        ),
    ])
    func prometheus3WithNativeHistogramsAsksForProtobufWithAnyName(version: String, accept: String) {
        #expect(ExpositionFormat.negotiated(accept: accept) == ExpositionFormat(.protobuf, escaping: .allowUTF8))
    }

    @Test(arguments: [
        (nil, ExpositionFormat.text004),
        ("", .text004),
        ("*/*", .text004),
        ("text/*", .text004),
        ("text/html", .text004),
        ("application/json", .text004),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .text004),
        ("application/*", .openMetrics100),
        ("text/plain; version=0.0.4, \(om); version=1.0.0; q=0.5", .text004),
        ("*/*, text/plain;version=1.0.0;q=0.1", ExpositionFormat(.text100)),
        ("text/plain;version=1.0.0;escaping=dots", ExpositionFormat(.text100, escaping: .dots)),
        ("text/plain;version=0.0.4;escaping=values", ExpositionFormat(.text004, escaping: .values)),
        ("text/plain;version=\"1.0.0\"", ExpositionFormat(.text100)),
        ("text/plain;version=2.0.0", .text004),
        ("Application/OpenMetrics-Text ; Version=1.0.0", .openMetrics100),
        ("application/openmetrics-text", .openMetrics100),
        ("application/openmetrics-text;version=2.0.0", .text004),
        ("application/openmetrics-text;version=1.0.0;q=0, text/plain", .text004),
        ("application/openmetrics-text;escaping=nobody-knows", .openMetrics100),
        ("application/openmetrics-text;escaping=underscores;escaping=dots", .openMetrics100),
        ("application/openmetrics-text;q=0.9,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.1", .openMetrics100),
        ("\(proto);escaping=underscores,\(om);\(utf8);q=0.5", ExpositionFormat(.protobuf)),
        ("application/vnd.google.protobuf;q=1,\(om);q=0.1", .openMetrics100),
        ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", .text004),
        ("application/vnd.google.protobuf;proto=other;encoding=delimited,\(om)", .openMetrics100),
        ("text/plain;q=nan,\(om);q=0.1", .openMetrics100),
        ("text/plain;q=-1,\(om);q=2,*/*;q=0.1", .text004),
        (";;;,=,q=1;,", .text004),
    ])
    func othersAreAnsweredInTheirTerms(accept: String?, expected: ExpositionFormat) {
        #expect(ExpositionFormat.negotiated(accept: accept) == expected)
    }

    @Test(arguments: [
        (ExpositionFormat.text004, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"),
        (
            ExpositionFormat(.text100, escaping: .allowUTF8),
            "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
        ),
        (.openMetrics100, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"),
        (
            ExpositionFormat(.protobuf, escaping: .values),
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=values"
        ),
    ])
    func contentTypesAreThoseOfGo(format: ExpositionFormat, contentType: String) {
        #expect(format.contentType == contentType)
    }
}
