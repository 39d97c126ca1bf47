internal import ExporterKit
