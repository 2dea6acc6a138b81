// Not compiled here: see docs/ios.md.
import Foundation
import IMIVerification
import UIKit

/// One verification for SwiftUI: `view` changes, methods of `verification` act.
public final class VerificationModel: NSObject, ObservableObject, IMIVerificationDelegate {
    @Published public private(set) var view: IMIView
    public private(set) var verification: IMIVerification!
    public let camera = CameraSource()
    /// JSON texts that the person may keep: consent, its receipt, the decision's.
    @Published public private(set) var receipts: [String] = []
    private let speaker: Speaker
    private var spoken: UInt = 0

    /// nil for a link that is none.
    public init?(link: String, language: String) {
        let platform = IMIPlatform()
        platform.transport = SessionTransport()
        platform.key = SecureKey()
        platform.camera = camera
        platform.vault = Self.vault()
        platform.attestor = AppAttest()
        speaker = Speaker(language: language)
        view = IMIView()
        super.init()
        guard let made = IMIVerification(link: link, platform: platform, delegate: self) else {
            return nil
        }
        verification = made
        view = made.view
        NotificationCenter.default.addObserver(
            self, selector: #selector(hidden), name: UIApplication.didEnterBackgroundNotification,
            object: nil)
    }

    /// To be called when the app starts: erases images of a session that was never finished.
    public static func eraseExpired() {
        IMIVerification.eraseExpired(from: vault())
    }

    private static func vault() -> IMIFileVault {
        let folder = FileManager.default.urls(for: .applicationSupportDirectory,
                                              in: .userDomainMask)[0]
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return IMIFileVault(path: folder.appendingPathComponent("imi").path, sealer: SealingKey())
    }

    deinit {
        verification?.close()
    }

    @objc private func hidden() {
        verification.pause()
    }

    @objc(verification:changedTo:)
    public func verification(_ verification: IMIVerification, changedTo view: IMIView) {
        self.view = view
        UIApplication.shared.isIdleTimerDisabled = !view.over
        if view.spoken != spoken {
            spoken = view.spoken
            let length = speaker.say(view.phrase)
            if length > 0 { verification.isSpeaking(forMilliseconds: length) }
        }
    }

    @objc(verification:receivedConsent:receipt:decisionReceipt:)
    public func verification(_ verification: IMIVerification, receivedConsent consent: String,
                             receipt: String, decisionReceipt: String) {
        receipts = [consent, receipt, decisionReceipt]
    }
}
