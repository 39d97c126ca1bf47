internal import CoreMetrics
internal import ExporterKit
