// Not compiled here: see docs/ios.md.
import AVFoundation
import IMIKit
import IMIVerification
import SwiftUI

/// One instruction at a time, large, over the camera's picture.
struct VerificationScreen: View {
    @ObservedObject var model: VerificationModel
    @State private var ticked: Set<String> = []
    @State private var showsOtherWay = false

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
            Button("Another way") {
                model.verification.pause()
                showsOtherWay = true
            }
            .font(.title3)
            .frame(minHeight: 56)
        }
        .padding()
        .sheet(isPresented: $showsOtherWay) { OtherWay() }
    }

    private var claims: [IMIClaim] { view.claims.compactMap { $0 as? IMIClaim } }

    @ViewBuilder private var buttons: some View {
        switch view.state {
        case "new":
            large("Start") { model.verification.start() }
        case "consent":
            ConsentText(view: view, claims: claims, ticked: $ticked)
            large("I agree") {
                let agreed = claims.filter { $0.required || ticked.contains($0.name) }
                model.verification.agree(toClaims: agreed.map(\.name))
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

/// Who asks, what for, and what would be told: what is optional only with the person's toggle.
struct ConsentText: View {
    let view: IMIView
    let claims: [IMIClaim]
    @Binding var ticked: Set<String>

    var body: some View {
        ScrollView {
            VStack(alignment: .leading, spacing: 16) {
                part("Who is asking", view.receiver)
                part("Why they ask", view.purposeTitle)
                Text(view.consentText ?? "")
                Text(told).bold()
                ForEach(claims, id: \.name) { claim in
                    if claim.required {
                        about(claim, mark: "Needed for this")
                    } else {
                        Toggle(isOn: isTicked(claim.name)) {
                            about(claim, mark: "You choose: switch it on if you agree")
                        }
                    }
                }
            }
            .font(.title2)
        }
    }

    private var told: LocalizedStringKey {
        claims.isEmpty ? "They will be told nothing else about you."
                       : "What they will be told about you"
    }

    private func part(_ title: LocalizedStringKey, _ text: String?) -> some View {
        VStack(alignment: .leading) {
            Text(title).bold()
            Text(text ?? "")
        }
    }

    private func about(_ claim: IMIClaim, mark: LocalizedStringKey) -> some View {
        VStack(alignment: .leading) {
            Text(claim.title).bold()
            Text(mark)
            Text(claim.purpose)
            Text(retention(claim.retentionDays))
        }
    }

    private func retention(_ days: UInt) -> LocalizedStringKey {
        switch days {
        case 0: return "They look at it and do not keep it."
        case 1: return "They keep it for 1 day."
        default: return "They keep it for \(Int(days)) days."
        }
    }

    private func isTicked(_ name: String) -> Binding<Bool> {
        Binding(get: { ticked.contains(name) },
                set: { ticked = $0 ? ticked.union([name]) : ticked.subtracting([name]) })
    }
}

/// Nobody is left alone with a phone that will not do.
struct OtherWay: View {
    private let text: LocalizedStringKey = """
        A member of staff can do this with you. Please call or visit the office that sent you \
        the link. You lose nothing.
        """

    var body: some View {
        Text(text)
            .font(.title)
            .padding()
    }
}

/// Over a preview that fills its view. Mirrored, as people know themselves, and the oval with it.
struct OvalShape: Shape {
    let oval: IMIOval

    func path(in rect: CGRect) -> Path {
        // Of the shape of the camera's 640x480; what does not fit into the view is cut off.
        let lies = rect.width > rect.height
        let wide: CGFloat = lies ? 4 : 3, high: CGFloat = lies ? 3 : 4
        let scale = max(rect.width / wide, rect.height / high)
        let height = CGFloat(oval.height) / 1000 * 3 * scale
        let width = height * 0.78
        let right = 0.5 - CGFloat(oval.centreX) / 1000
        let down = CGFloat(oval.centreY) / 1000 - 0.5
        let centre = CGPoint(x: rect.midX + right * wide * scale,
                             y: rect.midY + down * high * scale)
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
