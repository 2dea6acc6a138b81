// swift-tools-version:5.5
// Not compiled here: see docs/ios.md. `make-package build` lays out build/ first.
import PackageDescription

let package = Package(
    name: "IMI",
    defaultLocalization: "en",
    platforms: [.iOS(.v15)],
    products: [.library(name: "IMIKit", targets: ["IMIKit"])],
    targets: [
        .binaryTarget(name: "ImiCore", path: "build/ImiCore.xcframework"),
        .target(
            name: "IMIVerification", dependencies: ["ImiCore"],
            // Written for compilers without reference counting, too.
            cSettings: [.unsafeFlags(["-fno-objc-arc"])]),
        .target(name: "IMIKit", dependencies: ["IMIVerification"]),
    ])
