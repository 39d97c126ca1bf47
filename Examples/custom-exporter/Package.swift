// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "custom-exporter",
    dependencies: [
        // In a package of your own: .package(url: "https://…/exporter-fleet.git", from: "0.1.0")
        .package(name: "exporter-fleet", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "load-exporter",
            dependencies: [
                .product(name: "ExporterKit", package: "exporter-fleet"),
                .product(name: "ExporterCommand", package: "exporter-fleet"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
    ]
)
