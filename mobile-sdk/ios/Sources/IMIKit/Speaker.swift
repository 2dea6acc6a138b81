// Not compiled here: see docs/ios.md.
import AVFoundation
import UIKit

/// Says a phrase by its recording (voice/LANGUAGE/PHRASE.mp3 in the app's bundle) and vibrates.
public final class Speaker {
    private let language: String
    private let bundle: Bundle
    private let haptics = UINotificationFeedbackGenerator()
    private var player: AVAudioPlayer?

    public init(language: String, bundle: Bundle = .main) {
        self.language = language
        self.bundle = bundle
        // Also when the phone is silenced: who cannot read needs the voice.
        try? AVAudioSession.sharedInstance().setCategory(.playback, options: .duckOthers)
    }

    /// Milliseconds that it takes; 0 without a recording.
    public func say(_ phrase: String) -> UInt {
        haptics.notificationOccurred(phrase == "capture_done" ? .success : .warning)
        let folder = "voice/\(language)"
        guard let url = bundle.url(forResource: phrase, withExtension: "mp3", subdirectory: folder),
              let player = try? AVAudioPlayer(contentsOf: url) else { return 0 }
        self.player = player
        player.play()
        return UInt(player.duration * 1000)
    }
}
