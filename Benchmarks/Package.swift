// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who links ExporterKit ever builds it. It depends on nothing: what it measures
// it starts as executables, as users do.
let package = Package(
    name: "fleet-benchmarks",
    targets: [
        .executableTarget(
            name: "fleet-bench",
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error),
            ])
    ]
)
