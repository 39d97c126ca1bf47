import Foundation
import Testing

/// Reads what we expose with parsers that we did not write: Python's `prometheus_client` for text 0.0.4 and OpenMetrics,
/// Google's `protobuf` for protobuf.
enum FormatReader {
    /// What a parser found: families as they are called and typed, and samples.
    struct Document: Decodable {
        let families: [[String]]
        let samples: [ParsedSample]
    }

    /// One number; what the format adds (`le`, `quantile`) is among the labels, as a number.
    struct ParsedSample: Decodable, CustomStringConvertible {
        let name: String
        let labels: [[String]]
        /// The number's bits in hexadecimal, so that nothing is rounded; `nan` for any of those.
        let value: String
        var exemplar: String?

        var description: String { "\(name)\(labels) \(value)\(exemplar.map { " # " + $0 } ?? "")" }
    }

    /// - Parameter parser: `text`, `openmetrics` or `protobuf`.
    static func read(_ bytes: [UInt8], with parser: String) async throws -> Document {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-format-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appendingPathComponent("read.py")
        let body = folder.appendingPathComponent("body")
        try Self.script.write(to: script, atomically: true, encoding: .utf8)
        try Data(bytes).write(to: body)
        let run = try FleetProcess("/usr/bin/python3", [script.path, parser, body.path])
        let status = try await run.exitStatus()
        try #require(status == 0, "\(run.standardError)\n\(String(decoding: bytes.prefix(2000), as: UTF8.self))")
        return try JSONDecoder().decode(Document.self, from: Data(run.standardOutput.utf8))
    }

    /// The message's fields are told by number here, once more and independently of the encoder.
    /// Source: https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
    private static let script = #"""
        import json, struct, sys

        def bits(value):
            value = float(value)
            return "nan" if value != value else "%x" % struct.unpack(">Q", struct.pack(">d", value))

        def labels(pairs):
            return sorted([k, bits(v) if k in ("le", "quantile") else v] for k, v in pairs)

        def sample(name, pairs, value, exemplar=None):
            return {"name": name, "labels": labels(pairs), "value": bits(value), "exemplar": exemplar}

        def exemplar(pairs, value, timestamp):
            pairs = " ".join("%s=%s" % pair for pair in sorted(pairs))
            return "%s %s %.3f" % (pairs, bits(value), float(timestamp))

        def read_text(body, parse):
            families, samples = [], []
            for family in parse(body.decode("utf-8")):
                families.append([family.name, family.type])
                for s in family.samples:
                    e = s.exemplar and exemplar(s.exemplar.labels.items(), s.exemplar.value, s.exemplar.timestamp)
                    samples.append(sample(s.name, s.labels.items(), s.value, e))
            return families, samples

        def message_type():
            from google.protobuf import descriptor_pb2, descriptor_pool
            try:
                from google.protobuf.message_factory import GetMessageClass as message_class
            except ImportError:
                from google.protobuf.message_factory import MessageFactory
                message_class = lambda descriptor: MessageFactory().GetPrototype(descriptor)
            f = descriptor_pb2.FieldDescriptorProto
            scalars = {"s": f.TYPE_STRING, "d": f.TYPE_DOUBLE, "u": f.TYPE_UINT64, "i": f.TYPE_INT64, "z": f.TYPE_SINT32,
                       "Z": f.TYPE_SINT64, "w": f.TYPE_UINT32, "n": f.TYPE_INT32}
            messages = {
                "LabelPair": "name:1s value:2s",
                "Timestamp": "seconds:1i nanos:2n",
                "Exemplar": "label:1*LabelPair value:2d timestamp:3Timestamp",
                "Gauge": "value:1d",
                "Counter": "value:1d exemplar:2Exemplar created:3Timestamp",
                "Quantile": "quantile:1d value:2d",
                "Summary": "count:1u sum:2d quantile:3*Quantile created:4Timestamp",
                "Span": "offset:1z length:2w",
                "Bucket": "count:1u bound:2d exemplar:3Exemplar",
                "Histogram": "count:1u sum:2d bucket:3*Bucket schema:5z zero_threshold:6d zero_count:7u "
                    "negative_span:9*Span negative_delta:10*Z positive_span:12*Span positive_delta:13*Z "
                    "created:15Timestamp exemplars:16*Exemplar",
                "Metric": "label:1*LabelPair gauge:2Gauge counter:3Counter summary:4Summary untyped:5Gauge "
                    "time:6i histogram:7Histogram",
                "MetricFamily": "name:1s help:2s type:3n metric:4*Metric unit:5s",
            }
            file = descriptor_pb2.FileDescriptorProto(name="m.proto", package="m", syntax="proto2")
            for name, fields in messages.items():
                message = file.message_type.add(name=name)
                for text in fields.split():
                    field, rest = text.split(":")
                    digits = "".join(c for c in rest if c.isdigit())
                    kind = rest[len(digits):]
                    repeated = kind.startswith("*")
                    kind = kind.lstrip("*")
                    new = message.field.add(name=field, number=int(digits))
                    new.label = f.LABEL_REPEATED if repeated else f.LABEL_OPTIONAL
                    new.type = scalars.get(kind, f.TYPE_MESSAGE)
                    if kind not in scalars:
                        new.type_name = ".m." + kind
                    elif repeated:
                        new.options.packed = True
            pool = descriptor_pool.DescriptorPool()
            pool.Add(file)
            return message_class(pool.FindMessageTypeByName("m.MetricFamily"))

        def delimited(body, kind):
            index = 0
            while index < len(body):
                length, shift = 0, 0
                while True:
                    byte = body[index]
                    index += 1
                    length |= (byte & 127) << shift
                    shift += 7
                    if byte < 128:
                        break
                assert index + length <= len(body), "a message is cut off"
                message = kind()
                message.ParseFromString(body[index:index + length])
                # Python keeps unknown fields and would write them again; of ours none may be unknown.
                message.DiscardUnknownFields()
                assert message.ByteSize() == length, "fields that nobody knows in %s" % message.name
                yield message
                index += length

        def buckets(spans, deltas):
            index, count, position, found = 0, 0, 0, []
            for span in spans:
                index += span.offset
                for _ in range(span.length):
                    count += deltas[position]
                    position += 1
                    if count:
                        found.append("%d:%d" % (index, count))
                    index += 1
            assert position == len(deltas)
            return " ".join(found)

        def read_histogram(name, pairs, h):
            for b in h.bucket:
                e = exemplar_of(b.exemplar) if b.HasField("exemplar") else None
                yield sample(name + "_bucket", pairs + [("le", b.bound)], b.count, e)
            yield sample(name + "_sum", pairs, h.sum)
            yield sample(name + "_count", pairs, h.count)
            if h.HasField("created"):
                yield sample(name + "_created", pairs, time(h.created))
            if h.HasField("schema"):
                native = [("schema", str(h.schema)), ("zero", "%s:%d" % (bits(h.zero_threshold), h.zero_count)),
                          ("negative", buckets(h.negative_span, h.negative_delta)),
                          ("positive", buckets(h.positive_span, h.positive_delta))]
                yield sample(name, pairs + native, h.count, ",".join(map(exemplar_of, h.exemplars)) or None)

        def time(t):
            return t.seconds + t.nanos / 1e9

        def exemplar_of(e):
            return exemplar([(p.name, p.value) for p in e.label], e.value, time(e.timestamp))

        def read_protobuf(body):
            families, samples = [], []
            for family in delimited(body, message_type()):
                assert family.HasField("type")
                families.append([family.name, str(family.type)])
                for m in family.metric:
                    pairs = [(p.name, p.value) for p in m.label]
                    field = ["counter", "gauge", "summary", "untyped", "histogram", "histogram"][family.type]
                    assert m.HasField(field)
                    value = getattr(m, field)
                    if field == "histogram":
                        samples += read_histogram(family.name, pairs, value)
                        continue
                    if field == "summary":
                        for q in value.quantile:
                            samples.append(sample(family.name, pairs + [("quantile", q.quantile)], q.value))
                        if value.HasField("sum"):
                            samples.append(sample(family.name + "_sum", pairs, value.sum))
                        if value.HasField("count"):
                            samples.append(sample(family.name + "_count", pairs, value.count))
                        continue
                    e = field == "counter" and value.HasField("exemplar") and exemplar_of(value.exemplar) or None
                    samples.append(sample(family.name, pairs, value.value, e))
                    if field == "counter" and value.HasField("created"):
                        name = family.name[:-6] if family.name.endswith("_total") else family.name
                        samples.append(sample(name + "_created", pairs, time(value.created)))
            return families, samples

        body = open(sys.argv[2], "rb").read()
        if sys.argv[1] == "protobuf":
            families, samples = read_protobuf(body)
        elif sys.argv[1] == "openmetrics":
            from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
            families, samples = read_text(body, parse)
        else:
            from prometheus_client.parser import text_string_to_metric_families as parse
            families, samples = read_text(body, parse)
        print(json.dumps({"families": families, "samples": samples}))
        """#
}
