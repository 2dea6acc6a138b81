// Not compiled here: see docs/ios.md.
import AVFoundation
import IMIKit
import IMIVerification
import SwiftUI

/// One instruction at a time, large, over the camera's picture.
struct VerificationScreen: View {
    @ObservedObject var model: VerificationModel

    private var view: IMIView { model.view }

    var body: some View {
        VStack(spacing: 24) {
            ZStack {
                CameraPreview(session: model.camera.session)
                if view.light >= 0 { colour(view.light).ignoresSafeArea() }
                if view.oval.height > 0 { OvalShape(oval: view.oval).stroke(.white, lineWidth: 6) }
            }
            Text(LocalizedStringKey("imi." + view.phrase))
                .font(.largeTitle.bold())
                .multilineTextAlignment(.center)
                .accessibilityAddTraits(.updatesFrequently)
            buttons
        }
        .padding()
    }

    @ViewBuilder private var buttons: some View {
        switch view.state {
        case "new":
            large("Start") { model.verification.start() }
        case "consent":
            ScrollView { Text(view.consentText ?? "").font(.title2) }
            large("I agree") {
                let claims = view.claims.compactMap { $0 as? IMIClaim }
                model.verification.agree(toClaims: claims.filter(\.required).map(\.name))
            }
            large("No") { model.verification.disagree() }
        case "camera_help", "try_again":
            if view.advice != "none" { Text(LocalizedStringKey("imi." + view.advice)).font(.title) }
            large("Try again") { model.verification.again() }
        case "paused":
            large("Go on") { model.verification.resume() }
        case "capturing", "capturing_offline", "holding", "sending", "sending_offline":
            large("Pause") { model.verification.pause() }
        default:
            if view.over { large("My receipts") { model.verification.askForReceipts() } }
        }
    }

    private func large(_ title: LocalizedStringKey, action: @escaping () -> Void) -> some View {
        Button(action: action) {
            Text(title).font(.title).frame(maxWidth: .infinity, minHeight: 56)
        }
        .buttonStyle(.borderedProminent)
    }

    private func colour(_ rgb: Int) -> Color {
        Color(red: Double(rgb >> 16 & 255) / 255, green: Double(rgb >> 8 & 255) / 255,
              blue: Double(rgb & 255) / 255)
    }
}

/// Mirrored, as people know themselves; the oval is mirrored with it.
struct OvalShape: Shape {
    let oval: IMIOval

    func path(in rect: CGRect) -> Path {
        let height = CGFloat(oval.height) / 1000 * min(rect.width, rect.height)
        let centre = CGPoint(x: rect.maxX - CGFloat(oval.centreX) / 1000 * rect.width,
                             y: rect.minY + CGFloat(oval.centreY) / 1000 * rect.height)
        let width = height * 0.75
        return Path(ellipseIn: CGRect(x: centre.x - width / 2, y: centre.y - height / 2,
                                      width: width, height: height))
    }
}

struct CameraPreview: UIViewRepresentable {
    let session: AVCaptureSession

    final class Preview: UIView {
        override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }
    }

    func makeUIView(context: Context) -> Preview {
        let view = Preview()
        let layer = view.layer as! AVCaptureVideoPreviewLayer
        layer.session = session
        layer.videoGravity = .resizeAspectFill
        return view
    }

    func updateUIView(_ view: Preview, context: Context) {}
}
