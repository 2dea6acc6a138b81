// Not compiled here: see docs/ios.md. The whole integration: open the join link, show the screen.
import IMIKit
import SwiftUI

@main
struct SampleApp: App {
    @State private var model: VerificationModel?

    init() {
        VerificationModel.eraseExpired()
    }

    var body: some Scene {
        WindowGroup {
            Group {
                if let model = model {
                    VerificationScreen(model: model)
                } else {
                    Text("imi.ask_for_new_link").font(.largeTitle).padding()
                }
            }
            .onOpenURL { url in
                model = VerificationModel(link: url.absoluteString, language: voice())
            }
        }
    }

    /// Folder of recordings for the language that the app is shown in.
    private func voice() -> String {
        switch Bundle.main.preferredLocalizations.first ?? "en" {
        case "zh-Hans": return "cmn"
        case "zh-HK": return "yue"
        default: return "en"
        }
    }
}
